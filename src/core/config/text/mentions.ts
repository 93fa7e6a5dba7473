/** Whether a text is any of Lanyard's business: only then is it looked into. Cheap, and loads nothing. */
export const mentionsLanyard = (text: string): boolean =>
  text.includes('"userAuth"') || /"headersHelper"\s*:\s*"[^\n]*lanyard/i.test(text);
