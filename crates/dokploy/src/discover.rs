//! What there is on a Dokploy, object by object, so that it can be imported.
//!
//! One walk: the list of projects names every environment and service, the query of each service holds its parts, and
//! everything else has a list of its own. What an object is worth is read as an import reads it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::calls;
use crate::client::Failure;
use crate::driver::{Driver, says_gone};
use crate::join::join_all;
use crate::object::id_in;
use crate::table::{Dialect, Import, Literal, Object, Resource};

/// Services: the member of an environment that lists them, and the object.
const SERVICES: &[(&str, &str)] = &[
    ("applications", "application"),
    ("compose", "compose"),
    ("libsql", "libsql"),
    ("mariadb", "mariadb"),
    ("mongo", "mongo"),
    ("mysql", "mysql"),
    ("postgres", "postgres"),
    ("redis", "redis"),
];

/// Parts of a service: the member of its own query that lists them, and the object.
const PARTS: &[(&str, &str)] = &[
    ("backups", "backup"),
    ("domains", "domain"),
    ("mounts", "mounts"),
    ("ports", "port"),
    ("redirects", "redirects"),
    ("security", "security"),
];

/// Parts of a service with a query of their own: the object, the query, its input for the service's type, and the
/// services that have them.
const LISTED_PARTS: &[(&str, &str, &str, &[&str])] = &[
    (
        "volumeBackups",
        "volumeBackups.list",
        "volumeBackupType",
        &[
            "application",
            "compose",
            "libsql",
            "mariadb",
            "mongo",
            "mysql",
            "postgres",
            "redis",
        ],
    ),
    (
        "schedule",
        "schedule.list",
        "scheduleType",
        &["application", "compose"],
    ),
];

/// Parts of servers: the object, the query, its input for what they are of, and what that is called for Dokploy's own
/// server and for others. Of the former Dokploy knows by the key which organization's they are; v0.26 asks for a user
/// instead, and finds none.
const LISTED_ON_SERVERS: (&str, &str, &str, &str, &str) = (
    "schedule",
    "schedule.list",
    "scheduleType",
    "dokploy-server",
    "server",
);

/// The list of all servers.
const SERVERS: &str = "server.all";

/// The list of all Git providers, and the objects that its elements hold.
const GIT_PROVIDERS: (&str, &[&str]) = ("gitProvider.getAll", &["bitbucket", "gitea", "gitlab"]);

/// The list of all projects, with what is in them.
const PROJECTS: &str = "project.all";

/// The calls that no row names, to a Dokploy that has objects of a name where `has` says so.
pub(crate) fn own_calls(has: impl Fn(&str) -> bool) -> Vec<calls::Call> {
    let by = "discover";
    let mut res = vec![
        calls::query(by, PROJECTS, &[]),
        calls::query(by, GIT_PROVIDERS.0, &[]),
    ];
    for (_, object) in SERVICES.iter().filter(|(_, it)| has(it)) {
        let input = format!("{object}Id");
        res.push(calls::query(by, &format!("{object}.one"), &[&input]));
    }
    for (_, procedure, input, services) in LISTED_PARTS {
        let mut call = calls::query(by, procedure, &["id", input]);
        for sent in call.sent.iter_mut().filter(|it| it.name == *input) {
            let services = services.iter().filter(|it| has(it));
            sent.values = services.map(|it| Literal::Text(it)).collect();
        }
        res.push(call);
    }
    let (_, procedure, input, own, others) = LISTED_ON_SERVERS;
    let mut call = calls::query(by, procedure, &["id", input]);
    for sent in call.sent.iter_mut().filter(|it| it.name == input) {
        sent.values = vec![Literal::Text(own), Literal::Text(others)];
    }
    res.extend([call, calls::query(by, SERVERS, &[])]);
    res
}

/// Objects that are looked for only where their type is named, and why.
const ON_REQUEST: &[(&str, &str)] = &[
    (
        "userPermissions",
        "every member has permissions, and who may do what is seldom kept in configuration",
    ),
    (
        "apiKey",
        "a key is shown once, when it is made, and belongs to a person",
    ),
    (
        "organization",
        "everything that a key can see lies in one organization, and deleting it would delete all of that",
    ),
];

/// Objects that cannot be looked for, and why.
#[cfg(test)]
const NOT_LOOKED_FOR: &[(&str, &str)] = &[];

/// Fields that are no secrets to Dokploy and hold secrets of its users.
pub(crate) const CONFIDENTIAL: &[&str] = &[
    "env",
    "previewEnv",
    "buildArgs",
    "previewBuildArgs",
    "buildSecrets",
    "previewBuildSecrets",
];

/// Fields that people know an object by, the best first.
const NAMES: &[&str] = &[
    "name",
    "registryName",
    "host",
    "mountPath",
    "publishedPort",
    "username",
    "database",
    "regex",
    "prefix",
];

/// An object that exists.
pub(crate) struct Sighting {
    pub(crate) resource: &'static Resource,
    /// See [`provider::Discovered::id`].
    pub(crate) id: String,
    /// See [`provider::Discovered::name`].
    pub(crate) name: String,
    /// See [`provider::Discovered::within`].
    pub(crate) within: Vec<String>,
    /// The object in the answer that named it, which may hold a part of it only.
    pub(crate) raw: Json,
}

/// A service, and where it is.
struct Place {
    object: &'static str,
    id: String,
    name: String,
    within: Vec<String>,
}

/// What is looked for.
pub(crate) struct Search<'a> {
    pub(crate) dialect: &'static Dialect,
    /// Resource types; empty for all.
    pub(crate) kinds: &'a [String],
    /// Names of projects; empty for all, and for what lies in none.
    pub(crate) projects: &'a [String],
}

impl Search<'_> {
    /// The resource type that an object is imported as, if it is looked for.
    fn resource(&self, object: &str) -> Option<&'static Resource> {
        let resource = self
            .dialect
            .resources
            .iter()
            .find(|it| it.object.name == object)?;
        let is_named = self.kinds.iter().any(|it| it == resource.kind);
        let is_shy = ON_REQUEST.iter().any(|(name, _)| *name == object);
        (is_named || (self.kinds.is_empty() && !is_shy)).then_some(resource)
    }

    fn wants_project(&self, name: &str) -> bool {
        self.projects.is_empty() || self.projects.iter().any(|it| it == name)
    }
}

/// The attributes of a resource type that may hold secrets without being marked so.
pub(crate) fn confidential(resource: &Resource) -> Vec<&'static str> {
    let attributes = resource.attributes.iter();
    attributes
        .filter(|it| CONFIDENTIAL.contains(&it.field))
        .map(|it| it.name)
        .collect()
}

impl Driver {
    /// Everything that is there and looked for, parents before what lies in them.
    pub(crate) async fn sightings(&self, search: &Search<'_>) -> Result<Vec<Sighting>, Failure> {
        let mut res = Vec::new();
        if search.projects.is_empty() {
            self.listed(search, &mut res).await?;
            self.git_providers(search, &mut res).await?;
            self.on_servers(search, &mut res).await?;
        }
        let places = self.projects(search, &mut res).await?;
        let found = places.iter().map(|it| self.service(search, it));
        for it in join_all(found).await {
            res.extend(it?);
        }
        Ok(res)
    }

    /// Types with a list of all their objects, but for projects.
    async fn listed(&self, search: &Search<'_>, res: &mut Vec<Sighting>) -> Result<(), Failure> {
        for (resource, procedure) in search
            .dialect
            .resources
            .iter()
            .filter(|it| it.object.name != "project")
            .filter_map(|it| Some((search.resource(it.object.name)?, it.object.all?)))
        {
            if self.lacks(resource).await.is_some() {
                continue;
            }
            let rows = self.list(resource.object, procedure).await?;
            res.extend(rows.iter().filter_map(|it| sighting(resource, it, &[])));
        }
        Ok(())
    }

    /// What runs on servers themselves.
    async fn on_servers(
        &self,
        search: &Search<'_>,
        res: &mut Vec<Sighting>,
    ) -> Result<(), Failure> {
        let (object, procedure, input, own, others) = LISTED_ON_SERVERS;
        let Some(resource) = search.resource(object) else {
            return Ok(());
        };
        let servers = self.client.query(SERVERS, &[]).await?;
        let servers = servers.as_array().into_iter().flatten();
        let mut places = vec![(self.organization_id().await?, own, Vec::new())];
        places.extend(servers.map(|it| (text(it, "serverId"), others, vec![text(it, "name")])));
        let asked = places.iter().map(|(id, kind, within)| async move {
            let inputs = [("id", id.as_str()), (input, *kind)];
            let answer = self.client.query(procedure, &inputs).await?;
            let rows = answer.as_array().into_iter().flatten();
            let found = rows.filter_map(|it| sighting(resource, it, within));
            Ok(found.collect::<Vec<_>>())
        });
        for found in join_all(asked).await {
            res.extend(found?);
        }
        Ok(())
    }

    async fn git_providers(
        &self,
        search: &Search<'_>,
        res: &mut Vec<Sighting>,
    ) -> Result<(), Failure> {
        let (procedure, objects) = GIT_PROVIDERS;
        let wanted: Vec<_> = objects
            .iter()
            .filter_map(|it| Some((*it, search.resource(it)?)))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let answer = self.client.query(procedure, &[]).await?;
        for row in answer.as_array().into_iter().flatten() {
            for (member, resource) in &wanted {
                let Some(Json::Object(own)) = row.get(*member) else {
                    continue;
                };
                let mut own = own.clone();
                own.extend(row.get("name").map(|it| ("name".to_owned(), it.clone())));
                res.extend(sighting(resource, &Json::Object(own), &[]));
            }
        }
        Ok(())
    }

    /// Projects and their environments; gives the services in them.
    async fn projects(
        &self,
        search: &Search<'_>,
        res: &mut Vec<Sighting>,
    ) -> Result<Vec<Place>, Failure> {
        let answer = self.client.query(PROJECTS, &[]).await?;
        let mut places = Vec::new();
        let mut environments = Vec::new();
        for project in answer.as_array().into_iter().flatten() {
            let project_name = text(project, "name");
            if !search.wants_project(&project_name) {
                continue;
            }
            let within = [project_name];
            if let Some(resource) = search.resource("project") {
                res.extend(sighting(resource, project, &[]).map(|it| Sighting {
                    within: within.to_vec(),
                    ..it
                }));
            }
            // What its services share, where there is something.
            let shared = search.resource("sharedEnvironment");
            if let Some(resource) = shared.filter(|_| !text(project, "env").trim().is_empty()) {
                res.extend(sighting(resource, project, &within));
            }
            let tags = search.resource("projectTags");
            if let Some(resource) =
                tags.filter(|_| members(project, "projectTags").next().is_some())
            {
                res.extend(sighting(resource, project, &within));
            }
            for environment in members(project, "environments") {
                environments.push((text(environment, "environmentId"), within.to_vec()));
                if let Some(resource) = search.resource("environment") {
                    let mut environment = environment.clone();
                    let id = project.get("projectId").cloned().unwrap_or_default();
                    if let Some(it) = environment.as_object_mut() {
                        it.entry("projectId").or_insert(id);
                    }
                    res.extend(sighting(resource, &environment, &within));
                }
                let mut within = within.to_vec();
                within.push(text(environment, "name"));
                for (member, object) in SERVICES {
                    for service in members(environment, member) {
                        let id = text(service, &format!("{object}Id"));
                        if !id.is_empty() {
                            places.push(Place {
                                object,
                                id,
                                name: text(service, "name"),
                                within: within.clone(),
                            });
                        }
                    }
                }
            }
        }
        self.shared_in(search, environments, res).await?;
        Ok(places)
    }

    /// What the services of environments share, where there is something. Only the query for one environment tells it.
    async fn shared_in(
        &self,
        search: &Search<'_>,
        environments: Vec<(String, Vec<String>)>,
        res: &mut Vec<Sighting>,
    ) -> Result<(), Failure> {
        let Some(resource) = search.resource("sharedInEnvironment") else {
            return Ok(());
        };
        let object = resource.object;
        let asked = environments.iter().map(|(id, within)| async move {
            match self.client.query(object.one, &[(object.id, id)]).await {
                Ok(raw) if text(&raw, "env").trim().is_empty() => Ok(None),
                Ok(raw) => {
                    let mut within = within.clone();
                    within.push(text(&raw, "name"));
                    Ok(sighting(resource, &raw, &within))
                }
                Err(failure) if says_gone(object, &failure) => Ok(None),
                Err(failure) => Err(failure),
            }
        });
        for found in join_all(asked).await {
            res.extend(found?);
        }
        Ok(())
    }

    /// A service and its parts. One that is gone by now is nothing.
    async fn service(&self, search: &Search<'_>, place: &Place) -> Result<Vec<Sighting>, Failure> {
        let mut res = Vec::new();
        let id_name = format!("{}Id", place.object);
        let own = search.resource(place.object);
        let parts: Vec<_> = PARTS
            .iter()
            .filter_map(|(member, object)| Some((*member, search.resource(object)?)))
            .collect();
        let variables = search
            .resource("environmentVariables")
            .filter(|it| it.object.id == id_name);
        let listed: Vec<_> = LISTED_PARTS
            .iter()
            .filter(|(.., services)| services.contains(&place.object))
            .filter_map(|(object, procedure, input, _)| {
                Some((search.resource(object)?, *procedure, *input))
            })
            .collect();
        if own.is_none() && parts.is_empty() && variables.is_none() && listed.is_empty() {
            return Ok(res);
        }
        let procedure = format!("{}.one", place.object);
        let raw = match self
            .client
            .query(&procedure, &[(&id_name, &place.id)])
            .await
        {
            Ok(raw) => raw,
            Err(failure)
                if own.map_or(failure.says_gone(), |it| says_gone(it.object, &failure)) =>
            {
                return Ok(res);
            }
            Err(failure) => return Err(failure),
        };
        let mut within = place.within.clone();
        res.extend(own.and_then(|it| sighting(it, &raw, &within)));
        within.push(place.name.clone());
        // Its variables, where it has some.
        if let Some(resource) = variables.filter(|_| !text(&raw, "env").trim().is_empty()) {
            res.extend(sighting(resource, &raw, &within));
        }
        for (member, resource) in parts {
            for part in members(&raw, member) {
                let mut part = part.clone();
                if let Some(it) = part.as_object_mut() {
                    it.entry(id_name.clone())
                        .or_insert_with(|| Json::from(&*place.id));
                }
                res.extend(sighting(resource, &part, &within));
            }
        }
        for (resource, procedure, input) in listed {
            let inputs = [("id", place.id.as_str()), (input, place.object)];
            let answer = self.client.query(procedure, &inputs).await?;
            for part in answer.as_array().into_iter().flatten() {
                res.extend(sighting(resource, part, &within));
            }
        }
        Ok(res)
    }
}

/// An object in an answer as a sighting; `None` for one without an id.
fn sighting(resource: &'static Resource, raw: &Json, within: &[String]) -> Option<Sighting> {
    let id = id_in(resource.object, raw)?;
    Some(Sighting {
        resource,
        id: import_id(resource, raw, id)?,
        name: name_of(resource.object, raw),
        within: within.to_vec(),
        raw: raw.clone(),
    })
}

/// The import id of an object in an answer that holds what it lies in.
fn import_id(resource: &Resource, raw: &Json, id: &str) -> Option<String> {
    let parent = |attribute: &str| {
        let attribute = resource.attributes.iter().find(|it| it.name == attribute)?;
        Some(text(raw, attribute.field)).filter(|it| !it.is_empty())
    };
    match resource.import {
        Import::Id => Some(id.to_owned()),
        Import::After(name) => Some(format!("{}:{id}", parent(name)?)),
        Import::Under(parents) => parents
            .iter()
            .find_map(|(word, name)| Some(format!("{word}:{}:{id}", parent(name)?))),
    }
}

/// What people call an object.
fn name_of(object: &Object, raw: &Json) -> String {
    let known: BTreeMap<&str, String> = NAMES
        .iter()
        .filter_map(|name| {
            let text = match raw.get(*name)? {
                Json::String(it) => it.clone(),
                Json::Number(it) => it.to_string(),
                _ => return None,
            };
            (!text.trim().is_empty()).then_some((*name, text))
        })
        .collect();
    let best = NAMES.iter().find_map(|it| known.get(it).cloned());
    best.unwrap_or_else(|| object.noun.to_owned())
}

fn text(raw: &Json, name: &str) -> String {
    let text = raw.get(name).and_then(Json::as_str);
    text.unwrap_or_default().to_owned()
}

fn members<'a>(raw: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    raw.get(name).and_then(Json::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::DIALECTS;

    /// A new resource type is either looked for, or says why not.
    #[test]
    fn every_type_is_looked_for_or_says_why_not() {
        for resource in DIALECTS.iter().flat_map(|it| it.resources) {
            let object = resource.object.name;
            let places = [
                resource.object.all.is_some(),
                [
                    "environment",
                    "environmentVariables",
                    "projectTags",
                    "sharedEnvironment",
                    "sharedInEnvironment",
                ]
                .contains(&object),
                SERVICES.iter().any(|(_, it)| *it == object),
                PARTS.iter().any(|(_, it)| *it == object),
                LISTED_PARTS.iter().any(|(it, ..)| *it == object),
                GIT_PROVIDERS.1.contains(&object),
                NOT_LOOKED_FOR.iter().any(|(it, _)| *it == object),
            ];
            assert!(
                places.contains(&true),
                "{} is found nowhere: say where in discover.rs",
                resource.kind
            );
        }
    }
}
