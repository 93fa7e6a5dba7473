"""Exchanges a token as Okta's own client does. Argument: issuer, client, key (a JWK) and the question, as JSON. Prints what came of it."""

import asyncio
import json
import sys

from okta_client.authfoundation.key_provider import LocalKeyProvider
from okta_client.authfoundation.oauth2.client import OAuth2Client
from okta_client.authfoundation.oauth2.client_authorization import ClientAssertionAuthorization
from okta_client.authfoundation.oauth2.config import OAuth2ClientConfiguration
from okta_client.authfoundation.oauth2.errors import OAuth2Error
from okta_client.authfoundation.oauth2.jwt_bearer_claims import JWTBearerClaims
from okta_client.oauth2auth.token_exchange import TokenExchangeFlow, TokenType

asked = json.loads(sys.argv[1])
client_id, key = asked["clientId"], asked["key"]
claims = JWTBearerClaims(
    issuer=client_id,
    subject=client_id,
    audience=f"{asked['issuer']}/oauth2/v1/token",
    expires_in=60,
    jwt_id="one",
)
authorization = ClientAssertionAuthorization(
    assertion_claims=claims,
    key_provider=LocalKeyProvider(key, algorithm=key["alg"], key_id=key["kid"]),
)
client = OAuth2Client(OAuth2ClientConfiguration(issuer=asked["issuer"], client_authorization=authorization))
question = TokenExchangeFlow(client).start(
    subject_token=asked["subjectToken"],
    subject_token_type=TokenType.ID_TOKEN,
    resource=[asked["resource"]],
    requested_token_type="urn:okta:params:oauth:token-type:oauth-sts",
)
try:
    token = asyncio.run(question)
    print(json.dumps({"token": token.access_token}))
except OAuth2Error as refused:
    print(json.dumps({"error": refused.error, **refused.additional_fields}))
