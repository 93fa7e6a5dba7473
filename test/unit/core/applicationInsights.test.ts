import { expect, test } from "vitest";
import { ingestionOf, trackRequest } from "../../../src/core/applicationInsights.ts";

test.each([
  ["InstrumentationKey=k", "https://dc.services.visualstudio.com/v2.1/track"],
  [
    "InstrumentationKey=k;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;LiveEndpoint=https://l/",
    "https://westeurope-5.in.applicationinsights.azure.com/v2.1/track",
  ],
  ["instrumentationkey=k; ingestionendpoint=https://a.example//", "https://a.example/v2.1/track"],
  [
    "InstrumentationKey=k;EndpointSuffix=applicationinsights.us",
    "https://dc.applicationinsights.us/v2.1/track",
  ],
  ["Location=chinaeast;EndpointSuffix=ai.cn;InstrumentationKey=k", "https://chinaeast.dc.ai.cn/v2.1/track"],
  [
    "InstrumentationKey=k;EndpointSuffix=ai.cn;IngestionEndpoint=https://b.example",
    "https://b.example/v2.1/track",
  ],
])("%s sends to %s", (connectionString, url) => {
  expect(ingestionOf(connectionString)).toEqual({ instrumentationKey: "k", url });
});

test.each(["", "nothing", "IngestionEndpoint=https://a.example", "InstrumentationKey=;", "=k"])(
  "%j has no instrumentation key",
  (connectionString) => expect(ingestionOf(connectionString)).toBeUndefined(),
);

test.each(["http://a.example", "https://me:password@a.example", "nothing"])(
  "an endpoint %s is refused",
  (endpoint) =>
    expect(() => ingestionOf(`InstrumentationKey=k;IngestionEndpoint=${endpoint}`)).toThrow(
      expect.objectContaining({ code: "insecureUrl" }),
    ),
);

test("an event is a line of its name and its words, and says nothing of person or machine", () => {
  const ingestion = { instrumentationKey: "k", url: "https://a.example" };
  const { body } = trackRequest(ingestion, { name: "signIn", properties: { outcome: "signedIn" } }, 0);
  expect(JSON.parse(body)).toEqual({
    name: "Microsoft.ApplicationInsights.Event",
    time: "1970-01-01T00:00:00.000Z",
    iKey: "k",
    tags: { "ai.cloud.role": "lanyard" },
    data: {
      baseType: "EventData",
      baseData: { ver: 2, name: "signIn", properties: { outcome: "signedIn" } },
    },
  });
});
