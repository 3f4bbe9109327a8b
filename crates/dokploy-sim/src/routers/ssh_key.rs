//! SSH keys. They cannot be changed but for their name and description, and creating one tells no id.

use serde_json::json;

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, one_of, text};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{Spec, column, created_at, id, organization_id, table};
use crate::settings::{IdStyle, Version};

const TABLES: &[&Spec] = &[&SSH_KEY];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static SSH_KEY: Spec = table(
    "sshKey",
    &[
        id("sshKeyId"),
        column("privateKey").or("\"\""),
        column("publicKey"),
        column("name"),
        column("description"),
        created_at(),
        column("lastUsedAt"),
        organization_id(),
    ],
)
.sql("ssh-key")
.word("sshkey");

const CREATE: &[Field] = &[
    text("name").min(1),
    text("description").nullable().optional(),
    text("privateKey"),
    text("publicKey"),
    text("organizationId"),
];

const UPDATE: &[Field] = &[
    text("sshKeyId"),
    text("name").min(1).optional(),
    text("description").nullable().optional(),
    text("lastUsedAt").nullable().optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("sshKey.create", CREATE, create).guarded("sshKeys"),
    mutation("sshKey.remove", &[text("sshKeyId").nonoptional()], remove).guarded("sshKeys"),
    query("sshKey.one", &[text("sshKeyId").min(1)], one).guarded("sshKeys"),
    query("sshKey.all", &[], all).guarded("sshKeys"),
    query("sshKey.allForApps", &[], all_for_apps).since(Version::V0_30_2),
    mutation(
        "sshKey.generate",
        &[one_of("type", &["rsa", "ed25519"]).optional()],
        generate,
    )
    .guarded("sshKeys"),
    mutation("sshKey.update", UPDATE, update).guarded("sshKeys"),
];

fn create(session: &mut Session<'_>) -> Outcome {
    check_form(session)?;
    // The organization of the input must be there and is not looked at.
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    let created = session.db.insert(&SSH_KEY, new);
    created.map_err(|_| Failure::bad_request("Error creating the SSH key"))?;
    Ok(Reply::Empty)
}

fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    session.db.delete(&SSH_KEY, &session.text("sshKeyId"));
    Ok(row.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&SSH_KEY, "organizationId", &session.caller.organization);
    Ok(json!(rows.rev().collect::<Vec<_>>()).into())
}

fn all_for_apps(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&SSH_KEY, "organizationId", &session.caller.organization);
    let names = rows
        .rev()
        .map(|it| json!({"sshKeyId": it.get("sshKeyId"), "name": it.get("name")}));
    Ok(json!(names.collect::<Vec<_>>()).into())
}

/// A pair of keys that have the right form and open nothing.
fn generate(session: &mut Session<'_>) -> Outcome {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let private = session.db.random(64, alphabet);
    let public = session.db.random(43, alphabet);
    let (label, prefix) = match session.text("type").as_str() {
        "ed25519" => ("OPENSSH", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"),
        _ => ("RSA", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAACAQ"),
    };
    let private = format!(
        "-----BEGIN {label} PRIVATE KEY-----\n{private}\n-----END {label} PRIVATE KEY-----\n"
    );
    Ok(json!({"privateKey": private, "publicKey": format!("{prefix}{public} dokploy")}).into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    let error = || Failure::bad_request("Error updating this SSH key");
    let id = session.text("sshKeyId");
    let patch = session.input_without(&["sshKeyId"]);
    let row = session.db.get(&SSH_KEY, &id).ok_or_else(error)?;
    if session.is_foreign(row) {
        return Err(foreign());
    }
    let row = session
        .db
        .update(&SSH_KEY, &id, &patch)
        .map_err(|_| error())?;
    Ok(row.ok_or_else(error)?.into())
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session.db.get(&SSH_KEY, &session.text("sshKeyId"));
    let row = row.ok_or_else(|| Failure::not_found("SSH Key not found"))?;
    if session.is_foreign(row) {
        Err(foreign())
    } else {
        Ok(row.clone())
    }
}

fn foreign() -> Failure {
    Failure::unauthorized("You are not allowed to access this SSH key")
}

/// Whether the keys look like keys; whether they are a pair is not checked.
fn check_form(session: &Session<'_>) -> Result<(), Failure> {
    if session.db.settings.ids == IdStyle::Counted {
        return Ok(());
    }
    let private = column_text(&session.input, "privateKey").trim();
    let public = column_text(&session.input, "publicKey");
    let private_is_right = ["RSA", "OPENSSH"].iter().any(|label| {
        private.starts_with(&format!("-----BEGIN {label} PRIVATE KEY-----"))
            && private.ends_with(&format!("-----END {label} PRIVATE KEY-----"))
    });
    let mut words = public.split_whitespace();
    let public_is_right = matches!(words.next(), Some("ssh-rsa" | "ssh-ed25519"))
        && words.next().is_some_and(|it| {
            it.bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it))
        });
    let mut issues = Vec::new();
    if !private_is_right {
        issues.push(crate::field::custom(
            "privateKey",
            "Invalid private key format",
        ));
    }
    if !public_is_right {
        issues.push(crate::field::custom(
            "publicKey",
            "Invalid public key format",
        ));
    }
    if issues.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(issues))
    }
}
