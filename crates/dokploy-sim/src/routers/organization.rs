//! Organizations, which own everything else, and who belongs to them.

use serde_json::{Value, json};

use crate::db::{Row, row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, text};
use crate::procedure::{Outcome, Procedure, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{Fill, OnDelete, Spec, column, id, organization_id, table};
use crate::settings::Version;
use crate::time;

const TABLES: &[&Spec] = &[&ORGANIZATION, &MEMBER, &INVITATION];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

pub(crate) static ORGANIZATION: Spec = table(
    "organization",
    &[
        id("id"),
        column("name"),
        column("slug"),
        column("logo"),
        column("createdAt").fill(Fill::Now),
        column("metadata"),
        column("defaultRole").since(Version::V0_30_2),
        column("ownerId").points_to("user", OnDelete::Cascade),
    ],
)
.word("org");

pub(crate) static MEMBER: Spec = table(
    "member",
    &[
        id("id"),
        organization_id(),
        column("userId").points_to("user", OnDelete::Cascade),
        column("role"),
        column("createdAt").fill(Fill::Now),
        column("teamId"),
        column("isDefault").or("false"),
        column("canCreateProjects").or("false"),
        column("canAccessToSSHKeys").or("false"),
        column("canCreateServices").or("false"),
        column("canDeleteProjects").or("false"),
        column("canDeleteServices").or("false"),
        column("canAccessToDocker").or("false"),
        column("canAccessToAPI").or("false"),
        column("canAccessToGitProviders").or("false"),
        column("canAccessToTraefikFiles").or("false"),
        column("canDeleteEnvironments").or("false"),
        column("canCreateEnvironments").or("false"),
        column("accessedProjects").or("[]"),
        column("accessedEnvironments").or("[]"),
        column("accessedServices").or("[]"),
        column("accessedGitProviders")
            .or("[]")
            .since(Version::V0_30_2),
        column("accessedServers").or("[]").since(Version::V0_30_2),
    ],
);

pub(crate) static INVITATION: Spec = table(
    "invitation",
    &[
        id("id"),
        organization_id(),
        column("email"),
        column("role"),
        column("status").or("\"pending\""),
        column("expiresAt"),
        column("inviterId").points_to("user", OnDelete::Cascade),
        column("teamId"),
        column("createdAt").fill(Fill::Now).since(Version::V0_30_2),
    ],
);

const ID: &[Field] = &[text("organizationId")];

const UPDATE: &[Field] = &[
    text("organizationId"),
    text("name"),
    text("logo").optional(),
    text("defaultRole")
        .min(1)
        .nullable()
        .optional()
        .since(Version::V0_30_2),
];

const PROCEDURES: &[Procedure] = &[
    mutation(
        "organization.create",
        &[text("name"), text("logo").optional()],
        create,
    ),
    query("organization.all", &[], all),
    query("organization.active", &[], active).since(Version::V0_30_2),
    query("organization.one", ID, one),
    mutation("organization.update", UPDATE, update).guarded("organization"),
    mutation("organization.delete", ID, delete).guarded("organization"),
    mutation(
        "organization.inviteMember",
        &[text("email"), text("role").min(1)],
        invite,
    )
    .guarded("invitation")
    .since(Version::V0_30_2),
    query("organization.allInvitations", &[], invitations),
    mutation(
        "organization.removeInvitation",
        &[text("invitationId")],
        remove_invitation,
    )
    .guarded("invitation"),
];

fn create(session: &mut Session<'_>) -> Outcome {
    let slug = session.db.new_id("slug");
    let mut new = session.input.clone();
    new.insert("slug".to_owned(), json!(slug));
    new.insert("ownerId".to_owned(), json!(session.caller.user));
    let created = session.db.insert(&ORGANIZATION, new)?;
    let member = json!({
        "organizationId": column_text(&created, "id"), "userId": session.caller.user, "role": "owner",
        "createdAt": created.get("createdAt"),
    });
    session.db.insert(&MEMBER, row(member))?;
    Ok(created.into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let memberships = session
        .db
        .rows_with(&MEMBER, "userId", &session.caller.user);
    let res = memberships.filter_map(|member| {
        let mut row = session
            .db
            .get(&ORGANIZATION, column_text(member, "organizationId"))?
            .clone();
        row.insert("members".to_owned(), json!([member]));
        Some(row)
    });
    Ok(json!(res.collect::<Vec<_>>()).into())
}

fn active(session: &mut Session<'_>) -> Outcome {
    Ok(json!(session.db.get(&ORGANIZATION, &session.caller.organization)).into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    Ok(find(session)?.into())
}

fn update(session: &mut Session<'_>) -> Outcome {
    find(session)?;
    let id = session.text("organizationId");
    let patch = session.input_without(&["organizationId"]);
    Ok(json!(session.db.update(&ORGANIZATION, &id, &patch)?).into())
}

fn delete(session: &mut Session<'_>) -> Outcome {
    let id = session.text("organizationId");
    if session.db.get(&ORGANIZATION, &id).is_none() {
        return Err(Failure::not_found("Organization not found"));
    }
    find(session)?;
    let owned = session
        .db
        .rows_with(&ORGANIZATION, "ownerId", &session.caller.user);
    if owned.count() <= 1 {
        let message = "You must maintain at least one organization where you are the owner";
        return Err(Failure::forbidden(message));
    }
    session.db.delete(&ORGANIZATION, &id);
    Ok(json!([]).into())
}

fn invite(session: &mut Session<'_>) -> Outcome {
    let expires_at = session
        .db
        .now
        .saturating_add(session.db.settings.tick)
        .saturating_add(2 * 86_400_000);
    let mut new = session.input.clone();
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    new.insert("expiresAt".to_owned(), json!(time::iso(expires_at)));
    new.insert("inviterId".to_owned(), json!(session.caller.user));
    Ok(session.db.insert(&INVITATION, new)?.into())
}

fn invitations(session: &mut Session<'_>) -> Outcome {
    let rows = session
        .db
        .rows_with(&INVITATION, "organizationId", &session.caller.organization);
    Ok(json!(rows.rev().collect::<Vec<_>>()).into())
}

fn remove_invitation(session: &mut Session<'_>) -> Outcome {
    let id = session.text("invitationId");
    let row = session
        .db
        .get(&INVITATION, &id)
        .filter(|it| !session.is_foreign(it));
    row.ok_or_else(|| Failure::not_found("Invitation not found"))?;
    session.db.delete(&INVITATION, &id);
    Ok(json!([]).into())
}

/// The ids in one of the lists of the caller's membership.
pub(crate) fn accessed(session: &Session<'_>, column: &str) -> Vec<String> {
    let member = session.db.get(&MEMBER, &session.caller.member);
    let list = member
        .and_then(|it| it.get(column))
        .and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Notes in the caller's membership that it has an object, as Dokploy does for what a member creates.
pub(crate) fn note_access(session: &mut Session<'_>, column: &str, id: &str) {
    let member = session.caller.member.clone();
    session.db.push(&MEMBER, &member, column, json!(id));
}

/// The organization of the input's id, if the caller belongs to it. Unknown ones are treated as foreign.
fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let id = session.text("organizationId");
    let is_member = session
        .db
        .rows_with(&MEMBER, "userId", &session.caller.user)
        .any(|it| column_text(it, "organizationId") == id);
    let row = session.db.get(&ORGANIZATION, &id).filter(|_| is_member);
    row.cloned()
        .ok_or_else(|| Failure::forbidden("You are not a member of this organization"))
}
