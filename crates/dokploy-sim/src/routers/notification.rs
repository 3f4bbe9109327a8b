//! Notifications. Each is two rows: one that says of what, and one of its kind that says where to.
//! Creating one tells no id.

use serde_json::{Value, json};

use crate::db::{Row, text as column_text};
use crate::failure::Failure;
use crate::field::{Field, boolean, number, object, text, texts};
use crate::procedure::{Outcome, Procedure, Reply, Session, mutation, query};
use crate::routers::{Router, router};
use crate::schema::{OnDelete, Spec, column, created_at, id, organization_id, table};
use crate::settings::Version;

const TABLES: &[&Spec] = &[
    &NOTIFICATION,
    &SLACK,
    &TELEGRAM,
    &DISCORD,
    &EMAIL,
    &RESEND,
    &GOTIFY,
    &NTFY,
    &MATTERMOST,
    &CUSTOM,
    &LARK,
    &PUSHOVER,
    &TEAMS,
];

pub(crate) const ROUTER: Router = router(TABLES, PROCEDURES);

/// The kinds, in the order in which a notification shows them.
static KINDS: [&Spec; 12] = [
    &SLACK,
    &TELEGRAM,
    &DISCORD,
    &EMAIL,
    &RESEND,
    &GOTIFY,
    &NTFY,
    &MATTERMOST,
    &CUSTOM,
    &LARK,
    &PUSHOVER,
    &TEAMS,
];

pub(crate) static NOTIFICATION: Spec = table(
    "notification",
    &[
        id("notificationId"),
        column("name"),
        column("appDeploy").or("false"),
        column("appBuildError").or("false"),
        column("databaseBackup").or("false"),
        column("volumeBackup").or("false"),
        column("dokployRestart").or("false"),
        column("dokployBackup").or("false").since(Version::V0_30_2),
        column("dockerCleanup").or("false"),
        column("serverThreshold").or("false"),
        column("notificationType"),
        created_at(),
        column("slackId").points_to("slack", OnDelete::Cascade),
        column("telegramId").points_to("telegram", OnDelete::Cascade),
        column("discordId").points_to("discord", OnDelete::Cascade),
        column("emailId").points_to("email", OnDelete::Cascade),
        column("resendId")
            .points_to("resend", OnDelete::Cascade)
            .since(Version::V0_30_2),
        column("gotifyId").points_to("gotify", OnDelete::Cascade),
        column("ntfyId").points_to("ntfy", OnDelete::Cascade),
        column("mattermostId")
            .points_to("mattermost", OnDelete::Cascade)
            .since(Version::V0_30_2),
        column("customId").points_to("custom", OnDelete::Cascade),
        column("larkId").points_to("lark", OnDelete::Cascade),
        column("pushoverId")
            .points_to("pushover", OnDelete::Cascade)
            .since(Version::V0_30_2),
        column("teamsId")
            .points_to("teams", OnDelete::Cascade)
            .since(Version::V0_30_2),
        organization_id(),
    ],
);

pub(crate) static SLACK: Spec = table(
    "slack",
    &[id("slackId"), column("webhookUrl"), column("channel")],
);

pub(crate) static TELEGRAM: Spec = table(
    "telegram",
    &[
        id("telegramId"),
        column("botToken"),
        column("chatId"),
        column("messageThreadId"),
    ],
);

pub(crate) static DISCORD: Spec = table(
    "discord",
    &[id("discordId"), column("webhookUrl"), column("decoration")],
);

pub(crate) static EMAIL: Spec = table(
    "email",
    &[
        id("emailId"),
        column("smtpServer"),
        column("smtpPort").int(),
        column("username"),
        column("password"),
        column("fromAddress"),
        column("toAddresses"),
    ],
);

pub(crate) static RESEND: Spec = table(
    "resend",
    &[
        id("resendId"),
        column("apiKey"),
        column("fromAddress"),
        column("toAddresses"),
    ],
);

pub(crate) static GOTIFY: Spec = table(
    "gotify",
    &[
        id("gotifyId"),
        column("serverUrl"),
        column("appToken"),
        column("priority").or("5").int(),
        column("decoration"),
    ],
);

pub(crate) static NTFY: Spec = table(
    "ntfy",
    &[
        id("ntfyId"),
        column("serverUrl"),
        column("topic"),
        column("accessToken"),
        column("priority").or("3").int(),
    ],
);

pub(crate) static MATTERMOST: Spec = table(
    "mattermost",
    &[
        id("mattermostId"),
        column("webhookUrl"),
        column("channel"),
        column("username"),
    ],
);

pub(crate) static CUSTOM: Spec = table(
    "custom",
    &[id("customId"), column("endpoint"), column("headers")],
);

pub(crate) static LARK: Spec = table("lark", &[id("larkId"), column("webhookUrl")]);

pub(crate) static PUSHOVER: Spec = table(
    "pushover",
    &[
        id("pushoverId"),
        column("userKey"),
        column("apiToken"),
        column("priority").or("0").int(),
        column("retry").int(),
        column("expire").int(),
    ],
);

pub(crate) static TEAMS: Spec = table("teams", &[id("teamsId"), column("webhookUrl")]);

const CREATE_SLACK: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("webhookUrl").min(1),
    text("channel"),
];

const UPDATE_SLACK: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("webhookUrl").min(1).optional(),
    text("channel").optional(),
    text("notificationId").min(1),
    text("slackId"),
    text("organizationId").optional(),
];

const CREATE_TELEGRAM: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("botToken").min(1),
    text("chatId").min(1),
    text("messageThreadId"),
];

const UPDATE_TELEGRAM: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("botToken").min(1).optional(),
    text("chatId").min(1).optional(),
    text("messageThreadId").optional(),
    text("notificationId").min(1),
    text("telegramId").min(1),
    text("organizationId").optional(),
];

const CREATE_DISCORD: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("webhookUrl").min(1),
    boolean("decoration"),
];

const UPDATE_DISCORD: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("webhookUrl").min(1).optional(),
    boolean("decoration").coerced().optional(),
    text("notificationId").min(1),
    text("discordId").min(1),
    text("organizationId").optional(),
];

const CREATE_EMAIL: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("smtpServer").min(1),
    number("smtpPort"),
    text("username").min(1),
    text("password").min(1),
    text("fromAddress").min(1),
    texts("toAddresses"),
];

const UPDATE_EMAIL: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("smtpServer").min(1).optional(),
    number("smtpPort").coerced().optional(),
    text("username").min(1).optional(),
    text("password").min(1).optional(),
    text("fromAddress").min(1).optional(),
    texts("toAddresses").optional(),
    text("notificationId").min(1),
    text("emailId").min(1),
    text("organizationId").optional(),
];

const CREATE_RESEND: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup").nonoptional(),
    boolean("volumeBackup").nonoptional(),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("apiKey").min(1),
    text("fromAddress").min(1),
    texts("toAddresses"),
];

const UPDATE_RESEND: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("apiKey").min(1).optional(),
    text("fromAddress").min(1).optional(),
    texts("toAddresses").optional(),
    text("notificationId").min(1),
    text("resendId").min(1),
    text("organizationId").optional(),
];

const CREATE_GOTIFY: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    text("serverUrl").min(1),
    text("appToken").min(1),
    number("priority"),
    boolean("decoration"),
];

const UPDATE_GOTIFY: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    text("serverUrl").min(1).optional(),
    text("appToken").min(1).optional(),
    number("priority").coerced().optional(),
    boolean("decoration").coerced().optional(),
    text("notificationId").min(1),
    text("gotifyId").min(1),
    text("organizationId").optional(),
];

const CREATE_NTFY: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    text("serverUrl").min(1),
    text("topic").min(1),
    text("accessToken").min(1).until(Version::V0_30_2),
    text("accessToken").since(Version::V0_30_2),
    number("priority"),
];

const UPDATE_NTFY: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    text("serverUrl").min(1).optional(),
    text("topic").min(1).optional(),
    text("accessToken")
        .min(1)
        .optional()
        .until(Version::V0_30_2),
    text("accessToken").optional().since(Version::V0_30_2),
    number("priority").coerced().optional(),
    text("notificationId").min(1),
    text("ntfyId").min(1),
    text("organizationId").optional(),
];

const CREATE_MATTERMOST: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup").nonoptional(),
    boolean("volumeBackup").nonoptional(),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("webhookUrl"),
    text("channel").optional(),
    text("username").optional(),
];

const UPDATE_MATTERMOST: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("webhookUrl").optional(),
    text("channel").optional(),
    text("username").optional(),
    text("notificationId").min(1),
    text("mattermostId").min(1),
    text("organizationId").optional(),
];

const CREATE_CUSTOM: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name"),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("endpoint").min(1),
    object("headers", &[]).optional(),
];

const UPDATE_CUSTOM: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("endpoint").min(1).optional(),
    object("headers", &[]).optional(),
    text("notificationId").min(1),
    text("customId").min(1),
    text("organizationId").optional(),
];

const CREATE_LARK: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .nonoptional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("webhookUrl").min(1),
];

const UPDATE_LARK: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("volumeBackup")
        .coerced()
        .optional()
        .since(Version::V0_30_2),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("webhookUrl").min(1).optional(),
    text("notificationId").min(1),
    text("larkId").min(1),
    text("organizationId").optional(),
];

const CREATE_PUSHOVER: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name"),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("userKey").min(1),
    text("apiToken").min(1),
    number("priority").coerced().default("0"),
    number("retry").nullable().coerced().optional(),
    number("expire").nullable().coerced().optional(),
];

const UPDATE_PUSHOVER: &[Field] = &[
    text("notificationId").min(1),
    text("pushoverId").min(1),
    text("organizationId").optional(),
    text("userKey").min(1).optional(),
    text("apiToken").min(1).optional(),
    number("priority").coerced().optional(),
    number("retry").nullable().coerced().optional(),
    number("expire").nullable().coerced().optional(),
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
];

const CREATE_TEAMS: &[Field] = &[
    boolean("appBuildError").nonoptional(),
    boolean("databaseBackup").nonoptional(),
    boolean("dokployBackup").nonoptional(),
    boolean("volumeBackup").nonoptional(),
    boolean("dokployRestart").nonoptional(),
    text("name"),
    boolean("appDeploy").nonoptional(),
    boolean("dockerCleanup").nonoptional(),
    boolean("serverThreshold").nonoptional(),
    text("webhookUrl").min(1),
];

const UPDATE_TEAMS: &[Field] = &[
    boolean("appBuildError").coerced().optional(),
    boolean("databaseBackup").coerced().optional(),
    boolean("dokployBackup").coerced().optional(),
    boolean("volumeBackup").coerced().optional(),
    boolean("dokployRestart").coerced().optional(),
    text("name").optional(),
    boolean("appDeploy").coerced().optional(),
    boolean("dockerCleanup").coerced().optional(),
    boolean("serverThreshold").coerced().optional(),
    text("webhookUrl").min(1).optional(),
    text("notificationId").min(1),
    text("teamsId").min(1),
    text("organizationId").optional(),
];

const PROCEDURES: &[Procedure] = &[
    mutation("notification.createSlack", CREATE_SLACK, create).guarded("notification"),
    mutation("notification.updateSlack", UPDATE_SLACK, update).guarded("notification"),
    mutation("notification.createTelegram", CREATE_TELEGRAM, create).guarded("notification"),
    mutation("notification.updateTelegram", UPDATE_TELEGRAM, update).guarded("notification"),
    mutation("notification.createDiscord", CREATE_DISCORD, create).guarded("notification"),
    mutation("notification.updateDiscord", UPDATE_DISCORD, update).guarded("notification"),
    mutation("notification.createEmail", CREATE_EMAIL, create).guarded("notification"),
    mutation("notification.updateEmail", UPDATE_EMAIL, update).guarded("notification"),
    mutation("notification.createResend", CREATE_RESEND, create)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.updateResend", UPDATE_RESEND, update)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.createGotify", CREATE_GOTIFY, create).guarded("notification"),
    mutation("notification.updateGotify", UPDATE_GOTIFY, update).guarded("notification"),
    mutation("notification.createNtfy", CREATE_NTFY, create).guarded("notification"),
    mutation("notification.updateNtfy", UPDATE_NTFY, update).guarded("notification"),
    mutation("notification.createMattermost", CREATE_MATTERMOST, create)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.updateMattermost", UPDATE_MATTERMOST, update)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.createCustom", CREATE_CUSTOM, create)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.updateCustom", UPDATE_CUSTOM, update)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.createLark", CREATE_LARK, create).guarded("notification"),
    mutation("notification.updateLark", UPDATE_LARK, update).guarded("notification"),
    mutation("notification.createPushover", CREATE_PUSHOVER, create)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.updatePushover", UPDATE_PUSHOVER, update)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.createTeams", CREATE_TEAMS, create)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation("notification.updateTeams", UPDATE_TEAMS, update)
        .guarded("notification")
        .since(Version::V0_30_2),
    mutation(
        "notification.testSlackConnection",
        &[text("webhookUrl").min(1), text("channel")],
        test,
    ),
    mutation(
        "notification.remove",
        &[text("notificationId").min(1)],
        remove,
    )
    .guarded("notification"),
    query("notification.one", &[text("notificationId").min(1)], one).guarded("notification"),
    query("notification.all", &[], all).guarded("notification"),
];

/// The kind that a procedure is of, by the end of its name.
fn kind(session: &Session<'_>) -> &'static Spec {
    let name = session.procedure.name;
    let kind = name
        .trim_start_matches("notification.create")
        .trim_start_matches("notification.update");
    let found = KINDS.iter().find(|it| it.name.eq_ignore_ascii_case(kind));
    found.copied().unwrap_or(&SLACK)
}

fn create(session: &mut Session<'_>) -> Outcome {
    let kind = kind(session);
    let new = session.input.clone();
    let own = session.db.insert(kind, new)?;
    let mut new = session.input.clone();
    new.insert("notificationType".to_owned(), json!(kind.name));
    new.insert(
        "organizationId".to_owned(),
        json!(session.caller.organization),
    );
    new.insert(
        kind.key().to_owned(),
        own.get(kind.key()).cloned().unwrap_or_default(),
    );
    session.db.insert(&NOTIFICATION, new)?;
    Ok(Reply::Empty)
}

/// Both rows in one transaction: with nothing for the kind, nothing changes. That the two belong together is not
/// checked.
fn update(session: &mut Session<'_>) -> Outcome {
    let kind = kind(session);
    let input = session.input_without(&["notificationId", "organizationId", kind.key()]);
    let (of_kind, named): (Row, Row) = input
        .into_iter()
        .partition(|(name, _)| kind.columns.iter().any(|it| it.name == name));
    session
        .db
        .update(kind, &session.text(kind.key()), &of_kind)?;
    if !named.is_empty() {
        session
            .db
            .update(&NOTIFICATION, &session.text("notificationId"), &named)?;
    }
    Ok(Reply::Empty)
}

/// Nobody answers at any address here.
fn test(_: &mut Session<'_>) -> Outcome {
    Err(Failure::bad_request(
        "Failed to send slack notification fetch failed",
    ))
}

/// The row of the kind goes, and the notification with it.
fn remove(session: &mut Session<'_>) -> Outcome {
    let row = find(session).map_err(|it| Failure::bad_request(it.message))?;
    for kind in KINDS {
        session.db.delete(kind, column_text(&row, kind.key()));
    }
    Ok(row.into())
}

fn one(session: &mut Session<'_>) -> Outcome {
    let row = find(session)?;
    Ok(detailed(session, row).into())
}

fn all(session: &mut Session<'_>) -> Outcome {
    let rows = session.db.rows_with(
        &NOTIFICATION,
        "organizationId",
        &session.caller.organization,
    );
    let rows = rows.rev().map(|it| detailed(session, it.clone()));
    Ok(json!(rows.collect::<Vec<_>>()).into())
}

fn detailed(session: &Session<'_>, mut row: Row) -> Row {
    for kind in KINDS {
        let own = session.db.get(kind, column_text(&row, kind.key()));
        let own = own.map_or(Value::Null, |it| json!(it));
        row.insert(kind.name.to_owned(), own);
    }
    row
}

fn find(session: &Session<'_>) -> Result<Row, Failure> {
    let row = session
        .db
        .get(&NOTIFICATION, &session.text("notificationId"));
    let row = row.ok_or_else(|| Failure::not_found("Notification not found"))?;
    if session.is_foreign(row) {
        return Err(Failure::unauthorized(
            "You are not authorized to access this notification",
        ));
    }
    Ok(row.clone())
}
