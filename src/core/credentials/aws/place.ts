/** Whose requests a signature is for. */
export interface AwsPlace {
  readonly service: string;
  readonly region: string;
}

const hosts = [
  /** AgentCore Runtime and Gateway, API Gateway, and private endpoints of either. */
  /(?:^|\.)([a-z0-9-]+)\.([a-z]{2,}(?:-[a-z]+)+-\d+)(?:\.vpce)?\.amazonaws\.com(?:\.cn)?$/,
  /(?:^|\.)([a-z0-9-]+)\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.api\.aws$/,
];

/** What the host of a URL says of AWS's service and region; undefined for a name of one's own. */
export const placeIn = (url: string): AwsPlace | undefined => {
  const host = URL.parse(url)?.hostname ?? "";
  for (const pattern of hosts) {
    const [, service, region] = pattern.exec(host) ?? [];
    if (service !== undefined && region !== undefined) return { service, region };
  }
  return undefined;
};
