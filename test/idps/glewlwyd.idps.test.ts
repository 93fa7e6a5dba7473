import { featuresOf } from "./support/features.ts";
import { startGlewlwyd } from "./support/glewlwyd.ts";

featuresOf("glewlwyd", startGlewlwyd);
