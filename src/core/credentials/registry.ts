import { script } from "./builtin/script.ts";
import { tokenExchange } from "./builtin/tokenExchange.ts";

/** Every credential source that comes with Lanyard: one row each. */
export const registry = [tokenExchange, script] as const;
