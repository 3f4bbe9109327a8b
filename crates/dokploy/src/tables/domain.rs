//! Domains: the hosts under which applications and composes are reached.

use crate::quirk::Quirk;
use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, PartOf, Resource, Same, Siblings,
    Unset, attribute, flag, text, whole,
};

/// What Dokploy has.
pub static DOMAIN: Object = Object {
    name: "domain",
    noun: "domain",
    id: "domainId",
    one: "domain.one",
    create: "domain.create",
    created: Created::Object,
    held: &[
        Siblings {
            procedure: "application.one",
            by: "applicationId",
            inside: "domains",
        },
        Siblings {
            procedure: "compose.one",
            by: "composeId",
            inside: "domains",
        },
    ],
    updates: &[Call {
        procedure: "domain.update",
        form: Form::With("host"),
        fields: &[
            "host",
            "path",
            "port",
            "https",
            "certificateType",
            "serviceName",
        ],
    }],
    remove: "domain.delete",
    fields: &[
        text("host"),
        text("path").unset(Unset::Default(Literal::Text("/")), Unset::Omitted),
        whole("port").unset(Unset::Default(Literal::Whole(3000)), Unset::Omitted),
        flag("https").unset(Unset::Default(Literal::Flag(true)), Unset::Omitted),
        text("certificateType"),
        text("serviceName").same(Same::EmptyIsNull),
        text("applicationId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        text("composeId")
            .unset(Unset::Omitted, Unset::NotTaken)
            .same(Same::EmptyIsNull),
        flag("generateTraefikMe").local(),
        flag("redeployOnUpdate").local(),
    ],
    quirks: &[Quirk::DomainInput, Quirk::Deploys],
    is_serial: true,
    // Those of applications are in a file that Traefik reads at once, those of composes are labels of containers.
    part_of: &[
        PartOf {
            field: "applicationId",
            object: "application",
            is_used: false,
        },
        PartOf {
            field: "composeId",
            object: "compose",
            is_used: true,
        },
    ],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_domain",
    object: &DOMAIN,
    doc: "A host under which an application or a compose is reached.",
    title: "domain",
    attributes: &[
        attribute(
            "id",
            "domainId",
            Mode::Computed,
            "Dokploy's id of the domain.",
        )
        .modified(&[Modifier::UseStateForUnknown]),
        attribute("host", "host", Mode::OptionalComputed, "The host name.")
            .modified(&[Modifier::RequiresReplace, Modifier::UseStateForUnknown]),
        attribute(
            "application_id",
            "applicationId",
            Mode::Optional,
            "The application that it leads to.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "compose_id",
            "composeId",
            Mode::Optional,
            "The compose that it leads to.",
        )
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "service_name",
            "serviceName",
            Mode::OptionalComputed,
            "The service of the compose that it leads to.",
        ),
        attribute(
            "path",
            "path",
            Mode::OptionalComputed,
            "Only requests below this path.",
        ),
        attribute(
            "port",
            "port",
            Mode::OptionalComputed,
            "The port that the service listens on.",
        ),
        attribute(
            "https",
            "https",
            Mode::OptionalComputed,
            "Whether it is reached by HTTPS.",
        ),
        attribute(
            "certificate_type",
            "certificateType",
            Mode::OptionalComputed,
            "Where its certificate comes from: `letsencrypt`, `none` or `custom`.",
        ),
        attribute(
            "generate_traefik_me",
            "generateTraefikMe",
            Mode::Optional,
            "Whether Dokploy makes up a host.",
        ),
        attribute(
            "redeploy_on_update",
            "redeployOnUpdate",
            Mode::Optional,
            "Whether what it leads to is deployed again after a change.",
        ),
    ],
    notes: "What is not configured stays as it is in Dokploy. A new domain without them has the path `/`, the port 3000 and HTTPS.",
    example: r#"resource "dokploy_domain" "web" {
  application_id = dokploy_application.web.id
  host           = "shop.example.com"
  port           = 80
}"#,
    import: Import::Under(&[("application", "application_id"), ("compose", "compose_id")]),
};
