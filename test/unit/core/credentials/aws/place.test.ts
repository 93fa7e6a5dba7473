import { expect, it } from "vitest";
import { placeIn } from "../../../../../src/core/credentials/aws/place.ts";

const runtime = "runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A123456789012%3Aruntime%2Fr-1";

it.each([
  [`bedrock-agentcore.us-east-1.amazonaws.com/${runtime}/invocations`, "bedrock-agentcore", "us-east-1"],
  ["gw-1.gateway.bedrock-agentcore.eu-central-1.amazonaws.com/mcp", "bedrock-agentcore", "eu-central-1"],
  ["vpce-1.bedrock-agentcore.us-west-2.vpce.amazonaws.com/mcp", "bedrock-agentcore", "us-west-2"],
  ["aws-mcp.us-east-1.api.aws/mcp", "aws-mcp", "us-east-1"],
  ["AWS-MCP.us-east-1.API.aws/mcp", "aws-mcp", "us-east-1"],
  ["a1b2c3.execute-api.ap-southeast-2.amazonaws.com/prod/mcp", "execute-api", "ap-southeast-2"],
  ["a1b2c3.execute-api.us-gov-west-1.amazonaws.com/mcp", "execute-api", "us-gov-west-1"],
  ["a1b2c3.execute-api.cn-north-1.amazonaws.com.cn/mcp", "execute-api", "cn-north-1"],
])("tells service and region of %s", (address, service, region) => {
  expect(placeIn(`https://${address}`)).toEqual({ service, region });
});

it.each([
  "https://mcp.example.com/mcp",
  "https://bedrock-agentcore.us-east-1.amazonaws.com.example.com/mcp",
  "https://us-east-1.amazonaws.com/",
  "https://sts.amazonaws.com/",
  "https://api.aws/",
  "https://example.com/bedrock-agentcore.us-east-1.amazonaws.com",
  "http://127.0.0.1:8080/mcp",
  "no URL",
])("tells nothing of %s", (url) => {
  expect(placeIn(url)).toBeUndefined();
});
