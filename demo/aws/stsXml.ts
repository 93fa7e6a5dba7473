/** What AWS STS writes, in the XML of its query protocol and in the JSON that it writes on request. */

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
const requestId = "c6104cbe-af31-11e0-8154-cbc7ccf896c7";

export interface StsKey {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
}

export interface IssuedKey {
  readonly key: StsKey;
  readonly endsAtMs: number;
  readonly role: string;
  readonly sessionName: string;
  readonly subject: string;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** As AWS writes a time: to the second. */
const moment = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, "");

const elements = (members: object): string =>
  Object.entries(members)
    .map(([name, value]) => `      <${name}>${escaped(String(value))}</${name}>`)
    .join("\n");

export const issuedXml = ({
  key,
  endsAtMs,
  role,
  sessionName,
  subject,
}: IssuedKey): string => `<AssumeRoleWithWebIdentityResponse xmlns="${namespace}">
  <AssumeRoleWithWebIdentityResult>
    <Audience>lanyard</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:${escaped(sessionName)}</AssumedRoleId>
      <Arn>${escaped(role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/"))}/${escaped(sessionName)}</Arn>
    </AssumedRoleUser>
    <Provider>arn:aws:iam::123456789012:oidc-provider/idp.example.com</Provider>
    <Credentials>
${elements({ ...key, Expiration: moment(endsAtMs) })}
    </Credentials>
    <SubjectFromWebIdentityToken>${escaped(subject)}</SubjectFromWebIdentityToken>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>${requestId}</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`;

export const issuedJson = ({ key, endsAtMs, role, sessionName, subject }: IssuedKey): object => ({
  AssumeRoleWithWebIdentityResponse: {
    AssumeRoleWithWebIdentityResult: {
      AssumedRoleUser: { Arn: `${role}/${sessionName}`, AssumedRoleId: `AROA:${sessionName}` },
      Credentials: { ...key, Expiration: endsAtMs / 1000 },
      SubjectFromWebIdentityToken: subject,
    },
    ResponseMetadata: { RequestId: requestId },
  },
});

export const errorXml = (code: string, message: string): string => `<ErrorResponse xmlns="${namespace}">
  <Error>
    <Type>Sender</Type>
    <Code>${escaped(code)}</Code>
    <Message>${escaped(message)}</Message>
  </Error>
  <RequestId>${requestId}</RequestId>
</ErrorResponse>
`;

export const errorJson = (code: string, message: string): object => ({
  Error: { Code: code, Message: message, Type: "Sender" },
  RequestId: requestId,
});
