/** Secrets whose keys begin so are sessions. Without zod: activation looks for sessions before it loads what reads them. */
export const sessionKeyPrefix = "lanyard.session.";

/** The list of sessions, in secret storage for all profiles and in each one's plain memory; absent where nobody ever signed in. */
export const sessionIndexKey = "lanyard.sessions";
