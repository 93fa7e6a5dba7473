import * as vscode from "vscode";

/**
 * Opens a URL in the person's browser, exactly as it is.
 * @returns false when they declined.
 */
export const openInBrowser = async (url: string): Promise<boolean> => {
  const uri = vscode.Uri.parse(url, true);
  if (survivesUri(url, uri)) return vscode.env.openExternal(uri);
  await vscode.commands.executeCommand("vscode.open", url);
  return true;
};

/** `env.openExternal` decodes the query and encodes it again, which loses an encoded `&`, `+` or `%`. */
const survivesUri = (url: string, uri: vscode.Uri): boolean => {
  const opened = encodeURI(uri.toString(true));
  return URL.canParse(opened) && meaningOf(opened) === meaningOf(url);
};

const meaningOf = (url: string): string => {
  const { origin, pathname, searchParams, hash } = new URL(url);
  return JSON.stringify([origin, decodeURI(pathname), [...searchParams], hash]);
};
