import { featuresOf } from "./support/features.ts";
import { startLemonLdap } from "./support/lemonldap.ts";

featuresOf("LemonLDAP::NG", startLemonLdap);
