import type { SignInWait, wayCommands, WayOn } from "./signInWait.ts";

/** What the commands of the ways do; a way is loaded when somebody takes it. */
export const waysOnCommands = (
  wait: SignInWait,
): Readonly<Record<"lanyard.goOnSigningIn" | (typeof wayCommands)[WayOn], () => Promise<void>>> => {
  const go = (way: WayOn) => async () => (await import("./waysOn.ts")).goOn(wait, way);
  return {
    "lanyard.goOnSigningIn": async () => (await import("./waysOn.ts")).chooseWayOn(wait),
    "lanyard.openSignInPage": go("openAgain"),
    "lanyard.copySignInLink": go("copyLink"),
    "lanyard.signInByCode": go("useCode"),
    "lanyard.pasteSignInAddress": go("paste"),
    "lanyard.cancelSignIn": go("cancel"),
  };
};
