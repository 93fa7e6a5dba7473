/**
 * What an identity provider or a vault calls its refusal: those of RFC 6749, 6750, 8628, 8693, 8707, 9126, 9396, 9449, 9470,
 * OpenID Connect Core and CIBA, and the vaults' own words.
 */
const known: ReadonlySet<string> = new Set([
  ...["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"],
  ...[
    "invalid_scope",
    "access_denied",
    "unsupported_response_type",
    "server_error",
    "temporarily_unavailable",
  ],
  ...["invalid_token", "insufficient_scope", "authorization_pending", "slow_down", "expired_token"],
  ...["invalid_target", "invalid_request_uri", "invalid_request_object", "request_not_supported"],
  ...["request_uri_not_supported", "invalid_authorization_details", "invalid_dpop_proof", "use_dpop_nonce"],
  ...["insufficient_user_authentication", "interaction_required", "login_required", "consent_required"],
  ...["account_selection_required", "registration_not_supported", "unmet_authentication_requirements"],
  ...["expired_login_hint_token", "unknown_user_id", "missing_user_code", "invalid_user_code"],
  ...["invalid_binding_message", "transaction_failed", "unsupported_token_type", "not_found"],
  ...["token_expired", "token_exchange_failed", "mfa_required", "not_installed", "needs_reauthorization"],
  ...["federated_connection_refresh_token_not_found", "federated_connection_refresh_token_flow_failed"],
]);

/** A code for the record. One that nobody knows is somebody's own text, in which anything may stand, and is left out. */
export const knownErrorCode = (code: unknown): string | undefined =>
  typeof code === "string" && known.has(code) ? code : undefined;
