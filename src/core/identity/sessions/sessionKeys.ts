/** Secrets whose keys begin so are sessions. Without zod: activation looks for sessions before it loads what reads them. */
export const sessionKeyPrefix = "lanyard.session.";

/** The list of sessions in plain memory; absent where nobody ever signed in. */
export const sessionIndexKey = "lanyard.sessions";
