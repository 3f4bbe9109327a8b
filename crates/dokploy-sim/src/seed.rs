//! What a Dokploy holds that was just set up: an administrator, an organization, and a key.

use serde_json::json;

use crate::db::{Db, row};
use crate::routers::{organization, user};
use crate::settings::IdStyle;

/// When the stand-in of the Terraform recordings was set up: 2026-01-01T00:00:00Z.
const RECORDED_SETUP: &str = "2026-01-01T00:00:00.000Z";

/// Fills an empty database.
pub(crate) fn plant(db: &mut Db) {
    let started_at = db.now;
    let created_at = match db.settings.ids {
        IdStyle::Nanoid => crate::time::iso(started_at),
        IdStyle::Counted => RECORDED_SETUP.to_owned(),
    };
    let user_id = db.new_long_id("user");
    // Nothing here can clash with anything, as the database is empty.
    let _ = db.insert(
        &user::USER,
        row(json!({
            "id": user_id, "firstName": "Admin", "lastName": "User", "expirationDate": created_at,
            "createdAt2": created_at, "createdAt": created_at, "twoFactorEnabled": false,
            "email": "admin@example.com", "emailVerified": false, "banned": false, "updatedAt": created_at,
        })),
    );
    let organization_id = db.new_id("org");
    let _ = db.insert(
        &organization::ORGANIZATION,
        row(json!({
            "id": organization_id, "name": "My Organization", "createdAt": created_at, "ownerId": user_id,
        })),
    );
    let _ = db.insert(
        &organization::MEMBER,
        row(json!({
            "organizationId": organization_id, "userId": user_id, "role": "owner",
            "createdAt": created_at, "isDefault": true,
        })),
    );
    let key = db.settings.api_key.clone();
    let _ = db.insert(
        &user::API_KEY,
        row(json!({
            "name": "main", "key": key, "referenceId": user_id, "rateLimitEnabled": false,
            "createdAt": created_at, "updatedAt": created_at, "organizationId": organization_id,
        })),
    );
    db.now = started_at;
}
