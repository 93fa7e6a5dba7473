import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { run } from "../../scripts/support/processes.ts";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome.exe",
  "msedge.exe",
];

/** Where Chromium and its kin live when no name on the PATH says so. */
const folders = [
  "/Applications/Google Chrome.app/Contents/MacOS",
  "/Applications/Chromium.app/Contents/MacOS",
  ...["PROGRAMFILES", "PROGRAMFILES(X86)"].flatMap((name) => {
    const programs = process.env[name];
    return programs === undefined
      ? []
      : [join(programs, "Google/Chrome/Application"), join(programs, "Microsoft/Edge/Application")];
  }),
];

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const find = async (): Promise<string | undefined> => {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined) return named;
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of [...path, ...folders]) {
    for (const name of [...names, "Google Chrome", "Chromium"]) {
      const candidate = join(folder, name);
      if (await isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
};

/** Chromium's path; as root on Debian it is installed where it is missing. @throws a line that says what to install. */
export const findChromium = async (progress: (line: string) => void): Promise<string> => {
  const found = await find();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && (await isExecutable("/usr/bin/apt-get"))) {
    progress("Installing Chromium from Debian's packages.");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-q"], { env });
    await run(
      "apt-get",
      ["install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
      { env },
    );
    const installed = await find();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    "No Chromium here: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to a Chromium or Chrome.",
  );
};

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium; all it writes is under `home`. */
export const launchChromium = async (home: string): Promise<Browser> =>
  chromium.launch({
    executablePath: await findChromium((line) => console.error(line)),
    args: flags,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)),
      HOME: home,
      XDG_CACHE_HOME: join(home, ".cache"),
      XDG_CONFIG_HOME: join(home, ".config"),
    },
  });
