//! Mounts: volumes, folders and files in the containers of a service.

use crate::quirk::Quirk;
use crate::table::{
    Call, Created, Form, Import, Literal, Mode, Modifier, Object, PartOf, Resource, Same, Service,
    Siblings, Unset, attribute, text,
};

/// What Dokploy has.
pub static MOUNT: Object = Object {
    name: "mounts",
    noun: "mount",
    id: "mountId",
    one: "mounts.one",
    create: "mounts.create",
    created: Created::Object,
    held: &[Siblings {
        procedure: "",
        by: "",
        inside: "mounts",
    }],
    updates: &[Call {
        procedure: "mounts.update",
        form: Form::Partial,
        fields: &[
            "type",
            "mountPath",
            "hostPath",
            "volumeName",
            "filePath",
            "content",
        ],
    }],
    remove: "mounts.remove",
    fields: &[
        text("type"),
        text("mountPath"),
        // Without a type, the mount would belong to nothing.
        text("serviceType").unset(
            Unset::Default(Literal::Text("application")),
            Unset::NotTaken,
        ),
        text("serviceId").unset(Unset::Omitted, Unset::NotTaken),
        text("hostPath")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("volumeName")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("filePath")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull),
        text("content")
            .unset(Unset::Omitted, Unset::Null)
            .same(Same::EmptyIsNull)
            .secret(),
    ],
    quirks: &[Quirk::AnswersOld],
    service: Some(Service {
        kind: "serviceType",
        id: "serviceId",
        is_renamed: false,
    }),
    is_serial: true,
    part_of: &[PartOf {
        field: "serviceId",
        object: "",
        is_used: true,
    }],
    ..Object::PLAIN
};

/// How ahmedali6/dokploy names it.
pub static AHMEDALI6: Resource = Resource {
    kind: "dokploy_mount",
    object: &MOUNT,
    doc: "A volume, folder or file in the containers of a service.",
    title: "mount",
    attributes: &[
        attribute("id", "mountId", Mode::Computed, "Dokploy's id of the mount.")
            .modified(&[Modifier::UseStateForUnknown]),
        attribute(
            "type",
            "type",
            Mode::Required,
            "What is mounted: `volume`, `bind` (a folder of the host) or `file`.",
        ),
        attribute("mount_path", "mountPath", Mode::Required, "Where it is in the container."),
        attribute("service_id", "serviceId", Mode::Required, "The id of the service.")
            .modified(&[Modifier::RequiresReplace]),
        // A service keeps its type, so another one is another service.
        attribute(
            "service_type",
            "serviceType",
            Mode::OptionalComputed,
            "What the service is: `application`, `compose`, `postgres`, `mysql`, `mariadb`, `mongo` or `redis`.",
        )
        .default(Literal::Text("application"))
        .modified(&[Modifier::RequiresReplace]),
        attribute(
            "host_path",
            "hostPath",
            Mode::Optional,
            "The folder of the host, for the type `bind`.",
        ),
        attribute(
            "volume_name",
            "volumeName",
            Mode::Optional,
            "The volume, for the type `volume`.",
        ),
        attribute(
            "file_path",
            "filePath",
            Mode::Optional,
            "The name of the file, for the type `file`.",
        ),
        attribute(
            "content",
            "content",
            Mode::Optional,
            "The text of the file, for the type `file`.",
        )
        .sensitive(),
    ],
    notes: "",
    example: r#"resource "dokploy_mount" "data" {
  service_id  = dokploy_application.web.id
  type        = "volume"
  volume_name = "web-data"
  mount_path  = "/data"
}"#,
    import: Import::Id,
};
