/** What few calls need, in one piece that is loaded when one does: each piece of its own would weigh more than it holds. */
export { askForTools } from "./modern/allTools.ts";
export { ModernHeaders } from "./modern/modernHeaders.ts";
export { askedBefore } from "./modern/modernAsk.ts";
export { Stateless } from "./modern/stateless.ts";
export { subscribe } from "./modern/subscription.ts";
export { HeldCalls } from "./refusal/heldCalls.ts";
export { oldTransport } from "./refusal/oldTransport.ts";
export { hasTwin } from "./refusal/twins.ts";
