//! Users and their API keys, and the verification that each call goes through twice.

use serde_json::{Map, Value, json};

use crate::db::{Db, Row, row, text as column_text};
use crate::failure::{Code, Failure};
use crate::field::{Field, boolean, number, object, text, texts};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{Router, organization, router};
use crate::schema::{Fill, OnDelete, Spec, column, table};
use crate::settings::Version;
use crate::time;

const TABLES: &[&Spec] = &[&USER, &API_KEY];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static USER: Spec = table(
    "user",
    &[
        column("id").fill(Fill::LongId),
        column("firstName").or("\"\""),
        column("lastName").or("\"\""),
        column("isRegistered").or("false"),
        column("expirationDate").fill(Fill::Now),
        column("createdAt2").fill(Fill::Now),
        column("createdAt").fill(Fill::Now),
        column("twoFactorEnabled"),
        column("email"),
        column("emailVerified").or("false"),
        column("image"),
        column("banned"),
        column("banReason"),
        column("banExpires"),
        column("updatedAt").fill(Fill::Now),
        column("role").or("\"user\""),
        column("enablePaidFeatures").or("false"),
        column("allowImpersonation").or("false"),
        column("enableEnterpriseFeatures")
            .or("false")
            .since(Version::V0_30_2),
        column("licenseKey").since(Version::V0_30_2),
        column("isValidEnterpriseLicense")
            .or("false")
            .since(Version::V0_30_2),
        column("stripeCustomerId"),
        column("stripeSubscriptionId"),
        column("serversQuantity").or("0"),
        column("sendInvoiceNotifications")
            .or("false")
            .since(Version::V0_30_2),
        column("isEnterpriseCloud")
            .or("false")
            .since(Version::V0_30_2),
        column("trustedOrigins").since(Version::V0_30_2),
        column("bookmarkedTemplates")
            .or("[]")
            .since(Version::V0_30_2),
    ],
);

/// Keys. `organizationId` stands for the member of the real table's `metadata`; it points nowhere, as a key outlives
/// its organization. Times are numbers, for the arithmetic of limits.
pub(crate) static API_KEY: Spec = table(
    "apikey",
    &[
        column("id").fill(Fill::LongId),
        column("name"),
        column("start"),
        column("prefix"),
        column("key"),
        column("configId").or("\"default\""),
        column("referenceId").points_to("user", OnDelete::Cascade),
        column("refillInterval"),
        column("refillAmount"),
        column("lastRefillAt"),
        column("enabled").or("true"),
        column("rateLimitEnabled").or("true"),
        column("rateLimitTimeWindow").or("86400000"),
        column("rateLimitMax").or("10"),
        column("requestCount").or("0"),
        column("remaining"),
        column("lastRequest"),
        column("expiresAt"),
        column("createdAt").fill(Fill::Now),
        column("updatedAt").fill(Fill::Now),
        column("permissions"),
        column("organizationId"),
    ],
);

const UPDATE: &[Field] = &[
    text("firstName").optional().since(Version::V0_30_2),
    text("lastName").optional().since(Version::V0_30_2),
    boolean("isRegistered").coerced().optional(),
    text("email").min(1).optional(),
    boolean("emailVerified").coerced().optional(),
    text("image").nullable().optional(),
    boolean("allowImpersonation").coerced().optional(),
    number("serversQuantity").coerced().optional(),
    boolean("sendInvoiceNotifications")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
];

const CREATE_KEY: &[Field] = &[
    text("name").min(1).max(32),
    text("prefix").optional(),
    number("expiresIn").coerced().optional(),
    object("metadata", &[]),
    boolean("rateLimitEnabled").coerced().optional(),
    number("rateLimitTimeWindow").coerced().optional(),
    number("rateLimitMax").coerced().optional(),
    number("remaining").coerced().optional(),
    number("refillAmount").coerced().optional(),
    number("refillInterval").coerced().optional(),
];

const PERMISSIONS_INPUT: &[Field] = &[
    text("id").min(1),
    texts("accessedProjects"),
    texts("accessedEnvironments"),
    texts("accessedServices"),
    texts("accessedGitProviders").since(Version::V0_30_2),
    texts("accessedServers").since(Version::V0_30_2),
    boolean("canCreateProjects").coerced(),
    boolean("canCreateServices").coerced(),
    boolean("canDeleteProjects").coerced(),
    boolean("canDeleteServices").coerced(),
    boolean("canAccessToDocker").coerced(),
    boolean("canAccessToTraefikFiles").coerced(),
    boolean("canAccessToAPI").coerced(),
    boolean("canAccessToSSHKeys").coerced(),
    boolean("canAccessToGitProviders").coerced(),
    boolean("canDeleteEnvironments").coerced(),
    boolean("canCreateEnvironments").coerced(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("user.assignPermissions", PERMISSIONS_INPUT, assign).guarded("member"),
    query("user.all", &[], all).guarded("member"),
    query("user.session", &[], session_of).since(Version::V0_30_2),
    query("user.get", &[], get),
    query("user.getPermissions", &[], permissions).since(Version::V0_30_2),
    query("user.haveRootAccess", &[], have_root_access),
    mutation("user.update", UPDATE, update),
    mutation("user.generateToken", &[], generate_token),
    mutation("user.deleteApiKey", &[text("apiKeyId")], delete_key),
    mutation("user.createApiKey", CREATE_KEY, create_key),
    mutation(
        "user.createUserWithCredentials",
        &[text("email"), text("password").min(8), text("role").min(1)],
        create_user,
    )
    .guarded("member")
    .since(Version::V0_30_2),
];

/// Verifies a key as better-auth does, which counts the use: the row of the key, or none if it does not open.
pub(crate) fn verify(db: &mut Db, key: &str) -> Option<Row> {
    let row = db
        .rows(&API_KEY)
        .find(|it| !key.is_empty() && column_text(it, "key") == key)?
        .clone();
    let number = |name: &str| row.get(name).and_then(Value::as_u64);
    let flag = |name: &str| row.get(name).and_then(Value::as_bool).unwrap_or_default();
    let id = column_text(&row, "id").to_owned();
    if !flag("enabled") || number("expiresAt").is_some_and(|it| it < db.now) {
        return None;
    }
    let remaining = number("remaining");
    if remaining == Some(0) {
        db.delete(&API_KEY, &id);
        return None;
    }
    let is_limited = flag("rateLimitEnabled");
    if !is_limited && remaining.is_none() {
        // Nothing to count; that spares the key of the administrator a write for each call.
        return Some(row);
    }
    let used = number("requestCount").unwrap_or_default();
    let window = number("rateLimitTimeWindow").unwrap_or_default();
    let is_new_window = number("lastRequest").is_none_or(|it| db.now.saturating_sub(it) > window);
    let used = if is_new_window { 0 } else { used };
    if is_limited && used >= number("rateLimitMax").unwrap_or_default() {
        return None;
    }
    let patch = json!({
        "requestCount": used.saturating_add(1),
        "lastRequest": db.now,
        "remaining": remaining.map(|it| it.saturating_sub(1)),
    });
    // The columns exist and point nowhere, so this cannot fail.
    db.update(&API_KEY, &id, &self::row(patch)).ok()?
}

fn all(session: &mut Session<'_>) -> Outcome {
    let organization = session.caller.organization.as_str();
    let members = session
        .db
        .rows_with(&organization::MEMBER, "organizationId", organization);
    let res = members.map(|member| {
        let mut row = member.clone();
        row.insert(
            "user".to_owned(),
            json!(session.db.get(&USER, column_text(member, "userId"))),
        );
        row
    });
    Ok(json!(res.collect::<Vec<_>>()).into())
}

/// What a member may do. Not recorded: what is answered is what other mutations of members answer, nothing.
fn assign(session: &mut Session<'_>) -> Outcome {
    let id = session.text("id");
    let member = session.db.get(&organization::MEMBER, &id);
    member
        .filter(|it| !session.is_foreign(it))
        .ok_or_else(|| Failure::not_found("Member not found"))?;
    let patch = session.input_without(&["id"]);
    session.db.update(&organization::MEMBER, &id, &patch)?;
    Ok(Reply::Empty)
}

fn session_of(session: &mut Session<'_>) -> Outcome {
    Ok(json!({
        "user": {"id": session.caller.user},
        "session": {"activeOrganizationId": session.caller.organization},
    })
    .into())
}

const SHOWN: [&str; 12] = [
    "id",
    "firstName",
    "lastName",
    "email",
    "image",
    "allowImpersonation",
    "twoFactorEnabled",
    "stripeCustomerId",
    "stripeSubscriptionId",
    "serversQuantity",
    "isEnterpriseCloud",
    "sendInvoiceNotifications",
];

fn get(session: &mut Session<'_>) -> Outcome {
    let user = session
        .db
        .get(&USER, &session.caller.user)
        .cloned()
        .unwrap_or_default();
    let mut shown: Row = SHOWN
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), user.get(*name)?.clone())))
        .collect();
    let keys = session
        .db
        .rows_with(&API_KEY, "referenceId", &session.caller.user)
        .map(|key| {
            json!({
                "id": key.get("id"), "name": key.get("name"), "prefix": key.get("prefix"),
                "enabled": key.get("enabled"), "expiresAt": instant(key, "expiresAt"),
                "createdAt": key.get("createdAt"),
            })
        });
    shown.insert("apiKeys".to_owned(), keys.collect());
    let member = session
        .db
        .get(&organization::MEMBER, &session.caller.member);
    let mut res = member.cloned().unwrap_or_default();
    res.insert("user".to_owned(), Value::Object(shown));
    Ok(res.into())
}

/// What may be done with what: all of it, for owners.
const PERMISSIONS: &[(&str, &[&str])] = &[
    ("organization", &["update", "delete"]),
    ("member", &["read", "create", "update", "delete"]),
    ("invitation", &["create", "cancel"]),
    ("team", &["create", "update", "delete"]),
    ("ac", &["create", "read", "update", "delete"]),
    ("project", &["create", "delete"]),
    ("service", &["create", "read", "delete"]),
    ("environment", &["create", "read", "delete"]),
    ("docker", &["read"]),
    ("sshKeys", &["read", "create", "delete"]),
    ("gitProviders", &["read", "create", "delete"]),
    ("traefikFiles", &["read", "write"]),
    ("api", &["read"]),
    ("volume", &["read", "create", "delete"]),
    ("deployment", &["read", "create", "cancel"]),
    ("envVars", &["read", "write"]),
    ("projectEnvVars", &["read", "write"]),
    ("environmentEnvVars", &["read", "write"]),
    ("server", &["read", "create", "delete"]),
    ("registry", &["read", "create", "delete"]),
    ("certificate", &["read", "create", "update", "delete"]),
    ("backup", &["read", "create", "update", "delete", "restore"]),
    (
        "volumeBackup",
        &["read", "create", "update", "delete", "restore"],
    ),
    ("schedule", &["read", "create", "update", "delete"]),
    ("domain", &["read", "create", "delete"]),
    ("destination", &["read", "create", "delete"]),
    ("notification", &["read", "create", "update", "delete"]),
    ("tag", &["read", "create", "update", "delete"]),
    ("logs", &["read"]),
    ("monitoring", &["read"]),
    ("auditLog", &["read"]),
    ("vaultProvider", &["read", "create", "update", "delete"]),
    ("dnsProvider", &["read", "create", "update", "delete"]),
];

fn permissions(session: &mut Session<'_>) -> Outcome {
    let is_allowed = session.caller.role != "member";
    let mut res = Map::new();
    for (resource, actions) in PERMISSIONS {
        let actions: Row = actions
            .iter()
            .map(|it| ((*it).to_owned(), json!(is_allowed)))
            .collect();
        res.insert((*resource).to_owned(), Value::Object(actions));
    }
    Ok(res.into())
}

fn have_root_access(_: &mut Session<'_>) -> Outcome {
    Ok(json!(false).into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    let patch = session.input.clone();
    Ok(json!(session.db.update(&USER, &session.caller.user, &patch)?).into())
}

fn generate_token(_: &mut Session<'_>) -> Outcome {
    Ok(json!("token").into())
}

fn delete_key(session: &mut Session<'_>) -> Outcome {
    let id = session.text("apiKeyId");
    let key = session.db.get(&API_KEY, &id);
    key.filter(|it| column_text(it, "referenceId") == session.caller.user)
        .ok_or_else(|| Failure::not_found("API key not found"))?;
    session.db.delete(&API_KEY, &id);
    Ok(json!(true).into())
}

fn create_key(session: &mut Session<'_>) -> Outcome {
    let metadata = session.input.get("metadata").cloned().unwrap_or_default();
    let organization = metadata
        .get("organizationId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_member = session
        .db
        .rows_with(&organization::MEMBER, "userId", &session.caller.user)
        .any(|it| column_text(it, "organizationId") == organization);
    if !is_member {
        return Err(Failure::forbidden(
            "You are not a member of this organization",
        ));
    }
    let expires_in = session.input.get("expiresIn").and_then(Value::as_u64);
    if expires_in.is_some_and(|it| it < 86_400) {
        let message = "The expiresIn is smaller than the predefined minimum value.";
        return Err(Failure::new(Code::Internal, message));
    }
    let prefix = session.text("prefix");
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let key = format!("{prefix}{}", session.db.random(64, letters));
    let start: String = key.chars().take(6).collect();
    let mut new = session.input_without(&["metadata", "expiresIn"]);
    new.insert("key".to_owned(), json!(key));
    new.insert("start".to_owned(), json!(start));
    new.insert("referenceId".to_owned(), json!(session.caller.user));
    new.insert("organizationId".to_owned(), json!(organization));
    let now = session.db.now.saturating_add(session.db.settings.tick);
    let expires_at = expires_in.map(|it| now.saturating_add(it.saturating_mul(1_000)));
    new.insert("expiresAt".to_owned(), json!(expires_at));
    let created_at = session.db.tick();
    new.insert("createdAt".to_owned(), json!(created_at));
    new.insert("updatedAt".to_owned(), json!(created_at));
    let key = session.db.insert(&API_KEY, new)?;
    let mut res = Row::new();
    for name in [
        "configId",
        "name",
        "start",
        "referenceId",
        "prefix",
        "key",
        "refillInterval",
        "refillAmount",
        "lastRefillAt",
        "enabled",
        "rateLimitEnabled",
        "rateLimitTimeWindow",
        "rateLimitMax",
        "requestCount",
        "remaining",
        "lastRequest",
        "expiresAt",
        "createdAt",
        "updatedAt",
        "permissions",
        "metadata",
        "id",
    ] {
        let value = match name {
            "expiresAt" => instant(&key, name),
            _ => key.get(name).cloned().unwrap_or_default(),
        };
        res.insert(name.to_owned(), value);
    }
    Ok(res.into())
}

fn create_user(session: &mut Session<'_>) -> Outcome {
    let email = session.text("email");
    if session
        .db
        .rows_with(&USER, "email", &email)
        .next()
        .is_some()
    {
        let message =
            "This email already has an account. Use the invitation link flow for existing users.";
        return Err(Failure::bad_request(message));
    }
    // Unlike the first user, this one has an id of 21 characters: Dokploy makes it, not better-auth.
    let id = session.db.new_id("user");
    session.db.insert(
        &USER,
        row(json!({
            "id": id, "email": email, "emailVerified": true, "twoFactorEnabled": false,
        })),
    )?;
    let role = session.text("role");
    let member = json!({
        "organizationId": session.caller.organization, "userId": id, "role": role, "isDefault": true,
    });
    session.db.insert(&organization::MEMBER, row(member))?;
    Ok(json!({"userId": id, "email": email, "role": role}).into())
}

/// A time that is stored as a number, as text.
fn instant(row: &Row, column: &str) -> Value {
    json!(row.get(column).and_then(Value::as_u64).map(time::iso))
}
