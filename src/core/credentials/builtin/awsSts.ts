import { awsConfigSchema, type AwsConfig } from "../aws/config.ts";
import { placeIn } from "../aws/place.ts";
import { codedSource, type SourceRow } from "../row.ts";

/** AWS STS: the regional one where the region is known (China's partition has a domain of its own). */
const endpointOf = ({ endpoint, region, role }: AwsConfig, url: string): string => {
  if (endpoint !== undefined) return endpoint;
  const where = region ?? placeIn(url)?.region;
  const domain = role.startsWith("arn:aws-cn:") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://sts.${where === undefined ? "" : `${where}.`}${domain}/`;
};

/** A role of AWS, for the person's own token (AssumeRoleWithWebIdentity). */
export const awsSts: SourceRow<typeof awsConfigSchema> = codedSource({
  config: awsConfigSchema,
  signs: true,
  query: async (given, query, ports) => {
    const { assumeRole } = await import("../aws/assumeRole.ts");
    return assumeRole(given, endpointOf(given, query.connector.url), query, ports);
  },
  destinations: (given, { url }) => [endpointOf(given, url)],
});
