//! Deployments: starts them, and waits until the containers run.
//!
//! Dokploy queues deployments of applications and composes and lists them; those of databases it makes within the
//! call. What is asked while waiting is never asked faster than once a second, and ever more slowly.

use std::collections::BTreeSet;
use std::time::Duration;

use provider::{FollowRequest, Issue};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};
use value::Value;

use crate::client::{Failure, FailureKind, jittered};
use crate::deploy::{self, Wait, shown};
use crate::discover::CONFIDENTIAL;
use crate::driver::{Driver, id_of};
use crate::log;
use crate::table::{Deploys, Object, Resource};
use crate::version::{V0_30, Version};

/// The pause between the first two looks at a deployment, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How often no containers must be seen before they are taken to be where Dokploy does not look: it lists those of
/// the node that it runs on.
const UNSEEN: u32 = 3;

/// The query for containers by the name of a service.
pub(crate) const CONTAINERS: &str = "docker.getContainersByAppLabel";

/// The query for the log of a deployment.
pub(crate) const LOG: &str = "deployment.readLogs";

/// The first version that gives logs.
pub(crate) const HAS_LOGS: Version = V0_30;

/// How many lines of a log are asked for.
const TAIL: &str = "100";

/// The pauses and the end of one wait.
struct Clock {
    end: Instant,
    pause: Duration,
}

impl Clock {
    fn new(timeout: Duration) -> Clock {
        Clock {
            end: Instant::now() + timeout,
            pause: FIRST_PAUSE,
        }
    }

    /// Waits a while; false when the time is up.
    async fn tick(&mut self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(jittered(self.pause).min(left)).await;
        self.pause = self.pause.mul_f64(1.5).min(LONGEST_PAUSE);
        true
    }
}

/// How a deployment, or the start of containers, ended.
enum End {
    /// Well.
    Done,
    /// Badly: what to say, in whole sentences, and the id of the deployment whose log says more.
    Failed(String, Option<String>),
    /// Not at all in the time: what it waited for, and the id of the deployment if that is under way.
    Late(&'static str, Option<String>),
}

/// What is deployed.
struct Target<'a> {
    resource: &'static Resource,
    object: &'static Object,
    deploys: &'static Deploys,
    id: &'a str,
}

impl Driver {
    /// Deploys an object as its attributes ask.
    pub(crate) async fn follow(
        &self,
        resource: &'static Resource,
        request: &FollowRequest,
    ) -> Vec<Issue> {
        let value = &request.object;
        self.learn(resource, value);
        for secret in &request.secrets {
            self.client.secrets.learn(secret);
        }
        let Some((deploys, id)) = resource.object.deploys.zip(id_of(resource, value)) else {
            return Vec::new();
        };
        let target = Target {
            resource,
            object: resource.object,
            deploys,
            id: &id,
        };
        let wait = deploy::wait_of(value);
        match self.deployed(&target, wait).await {
            Ok(None) => Vec::new(),
            Ok(Some(end)) => self.told(&target, wait, end, value).await,
            Err(failure) => vec![not_started(&target, &failure, value)],
        }
    }

    /// Starts a deployment, and waits for it where that is wanted. `None` where there is nothing to say of it.
    async fn deployed(&self, target: &Target<'_>, wait: Wait) -> Result<Option<End>, Failure> {
        let Target {
            object,
            deploys,
            id,
            ..
        } = *target;
        let mut clock = Clock::new(wait.timeout);
        let before = match deploys.history.filter(|_| wait.is_healthy) {
            Some(history) => self.deployments(history, target).await?,
            None => Vec::new(),
        };
        let before: BTreeSet<String> = before.iter().filter_map(deployment_id).collect();
        let input = json!({ object.id_input(): id });
        let started = self.client.change(deploys.procedure, input).await;
        let mut doubt = None;
        match started {
            Ok(_) => {}
            // It may have begun all the same. The call of a database lasts as long as its deployment, and goes on.
            Err(failure) if failure.is_uncertain() && wait.is_healthy => doubt = Some(failure),
            Err(failure)
                if deploys.history.is_none()
                    && matches!(failure.kind, FailureKind::TimedOut(_)) => {}
            Err(failure) => return Err(failure),
        }
        if !wait.is_healthy {
            return Ok(None);
        }
        if let Some(history) = deploys.history {
            let end = self.finished(history, target, &before, &mut clock).await?;
            match (end, doubt) {
                (End::Done, _) => {}
                // What it waited for has never been seen, and may never have been asked for.
                (End::Late(_, None), Some(failure)) => return Err(failure),
                (end, _) => return Ok(Some(end)),
            }
        }
        self.running(target, &mut clock).await.map(Some)
    }

    /// The deployments of an object so far, the newest first.
    async fn deployments(
        &self,
        history: &'static str,
        target: &Target<'_>,
    ) -> Result<Vec<Json>, Failure> {
        let input = [(target.object.id_input(), target.id)];
        match self.client.query(history, &input).await? {
            Json::Array(rows) => Ok(rows),
            _ => Err(self.client.wrong_shape(history, false, "it is no list")),
        }
    }

    /// Waits for the end of the first deployment that was not there before.
    async fn finished(
        &self,
        history: &'static str,
        target: &Target<'_>,
        before: &BTreeSet<String>,
        clock: &mut Clock,
    ) -> Result<End, Failure> {
        let mut seen = None;
        loop {
            let rows = match self.deployments(history, target).await {
                Err(failure) if may_pass(&failure) => Vec::new(),
                answer => answer?,
            };
            // Others may have been started since; the first one has what was stored before.
            let new = rows.into_iter().rev();
            let new = new.filter_map(|it| Some((deployment_id(&it)?, it)));
            for (id, row) in new.filter(|(id, _)| !before.contains(id)).take(1) {
                let status = row.get("status").and_then(Json::as_str);
                let why = row.get("errorMessage").and_then(Json::as_str);
                match status {
                    Some("done") => return Ok(End::Done),
                    Some("running") | None => seen = Some(id),
                    Some(other) => {
                        let mut text = match other {
                            "error" => "The deployment failed.".to_owned(),
                            other => format!("The deployment ended as \"{other}\"."),
                        };
                        if let Some(why) = why.filter(|it| !it.trim().is_empty()) {
                            text.push_str(&format!(" Dokploy says: {why}"));
                        }
                        return Ok(End::Failed(text, Some(id)));
                    }
                }
            }
            if !clock.tick().await {
                let what = match seen {
                    Some(_) => "the deployment is still under way",
                    None => "the deployment has not begun, as Dokploy makes one after the other",
                };
                return Ok(End::Late(what, seen));
            }
        }
    }

    /// Waits until the object says that it runs and its containers do.
    async fn running(&self, target: &Target<'_>, clock: &mut Clock) -> Result<End, Failure> {
        let Target {
            object, deploys, ..
        } = *target;
        let mut unseen = 0;
        let mut steady: Option<BTreeSet<String>> = None;
        loop {
            let mut late = "the deployment is still under way";
            let raw = match self.one(object, target.id).await {
                Err(failure) if may_pass(&failure) => None,
                answer => Some(answer?),
            };
            if let Some(raw) = raw {
                let status = raw.get(deploys.status).and_then(Json::as_str);
                match status {
                    Some("error") => {
                        let text = format!("The {} could not be started.", object.noun);
                        return Ok(End::Failed(text, None));
                    }
                    Some("done") if raw.get("replicas").and_then(Json::as_u64) == Some(0) => {
                        return Ok(End::Done);
                    }
                    Some("done") => {
                        late = "its containers do not keep running";
                        match self.containers(target, &raw).await? {
                            Seen::Hidden => return Ok(End::Done),
                            Seen::NoAnswer => steady = None,
                            Seen::These(found) if found.is_empty() => {
                                unseen += 1;
                                steady = None;
                                if unseen >= UNSEEN {
                                    return Ok(End::Done);
                                }
                            }
                            Seen::These(found) => {
                                unseen = 0;
                                let ids = found.iter().all(|it| it.runs).then(|| {
                                    found.into_iter().map(|it| it.id).collect::<BTreeSet<_>>()
                                });
                                // One that crashes runs for a moment, and is another one at the next look.
                                if ids.is_some() && ids == steady {
                                    return Ok(End::Done);
                                }
                                steady = ids;
                            }
                        }
                    }
                    _ => {}
                }
            }
            if !clock.tick().await {
                return Ok(End::Late(late, None));
            }
        }
    }

    /// The containers that Dokploy sees.
    async fn containers(&self, target: &Target<'_>, raw: &Json) -> Result<Seen, Failure> {
        let text = |name: &str| raw.get(name).and_then(Json::as_str);
        let Some(app_name) = text("appName").filter(|it| !it.is_empty()) else {
            return Ok(Seen::Hidden);
        };
        let mut input = vec![("appName", app_name), ("type", target.deploys.containers)];
        if let Some(server) = text("serverId").filter(|it| !it.is_empty()) {
            input.push(("serverId", server));
        }
        match self.client.query(CONTAINERS, &input).await {
            Ok(Json::Array(rows)) => Ok(Seen::These(rows.iter().map(Container::of).collect())),
            Ok(_) => Ok(Seen::Hidden),
            Err(failure) if may_pass(&failure) => Ok(Seen::NoAnswer),
            // A member of an organization may not see them.
            Err(failure) if failure.refusal().is_some() => Ok(Seen::Hidden),
            Err(failure) => Err(failure),
        }
    }

    /// What is said of a deployment's end.
    async fn told(&self, target: &Target<'_>, wait: Wait, end: End, value: &Value) -> Vec<Issue> {
        let noun = target.object.noun;
        let title = format!("Error deploying {}", target.resource.title);
        let after = format!("The {noun} itself is as configured. The next apply deploys it again.");
        match end {
            End::Done => Vec::new(),
            End::Failed(text, deployment) => {
                let (secrets, log) = self.log(target, deployment.as_deref(), value).await;
                let mut detail = secrets.redact(&text);
                if log.is_empty() {
                    detail.push_str(" Dokploy gives no log of it here: look at it in Dokploy.");
                } else {
                    detail.push_str(&format!("\nThe end of its log:{log}"));
                }
                detail.push_str(&format!(
                    "\n{after} Correct what is wrong, and apply again."
                ));
                vec![Issue::error(title, detail)]
            }
            End::Late(what, deployment) => {
                let (_, log) = self.log(target, deployment.as_deref(), value).await;
                let mut detail = format!(
                    "After {} {what}. Nobody waits any more; it goes on in Dokploy.",
                    shown(wait.timeout)
                );
                if !log.is_empty() {
                    let whose = match deployment {
                        Some(_) => "The end of its log so far:",
                        None => "The last that its containers printed:",
                    };
                    detail.push_str(&format!("\n{whose}{log}"));
                }
                detail.push_str(&format!(
                    "\n{after} If it needs more time, set wait_timeout to more; if nothing should be waited for, set wait_for to \"none\"."
                ));
                vec![Issue::error(title, detail)]
            }
        }
    }

    /// The end of the log of a deployment, or else of what containers print, with all that must not be shown in it.
    /// Empty where there is none: older versions do not give it.
    async fn log(
        &self,
        target: &Target<'_>,
        deployment: Option<&str>,
        value: &Value,
    ) -> (crate::redact::Secrets, String) {
        let secrets = self.client.secrets.copied();
        let configured = target.resource.attributes.iter();
        for it in configured.filter(|it| CONFIDENTIAL.contains(&it.field)) {
            let text = value.get(it.name);
            let text = text.as_ref().and_then(Value::as_str);
            log::learn_variables(text.unwrap_or_default(), &secrets);
        }
        // Variables may be set by other resources, and by hand.
        let Ok(raw) = self.one(target.object, target.id).await else {
            return (secrets, String::new());
        };
        for name in CONFIDENTIAL {
            let text = raw.get(*name).and_then(Json::as_str);
            log::learn_variables(text.unwrap_or_default(), &secrets);
        }
        let inherited = [&["environment"][..], &["environment", "project"][..]];
        for path in inherited {
            let place = path.iter().try_fold(&raw, |at, name| at.get(*name));
            let text = place.and_then(|it| it.get("env")).and_then(Json::as_str);
            log::learn_variables(text.unwrap_or_default(), &secrets);
        }
        if self.version().await < HAS_LOGS {
            return (secrets, String::new());
        }
        let answer = match (deployment, target.deploys.output) {
            (Some(id), _) => {
                let input = [("deploymentId", id), ("tail", TAIL)];
                self.client.query(LOG, &input).await
            }
            (None, Some(output)) => {
                let input = [(target.object.id_input(), target.id), ("tail", TAIL)];
                self.client.query(output, &input).await
            }
            (None, None) => return (secrets, String::new()),
        };
        let text = answer.ok().and_then(|it| log::text_of(&it));
        let end = log::end_of(&text.unwrap_or_default(), &secrets);
        (secrets, end)
    }
}

/// What is said of a deployment that Dokploy did not take.
fn not_started(target: &Target<'_>, failure: &Failure, value: &Value) -> Issue {
    let noun = target.object.noun;
    let detail = format!(
        "{}\nThe {noun} itself is as configured. The next apply deploys it again.",
        failure.detail()
    );
    if deploy::is_demanded(value) {
        Issue::error(format!("Error deploying {}", target.resource.title), detail)
    } else {
        Issue::warning("Deployment not started", detail)
    }
}

/// What a look at containers shows.
enum Seen {
    /// They are not shown to this key.
    Hidden,
    /// There was no answer this time.
    NoAnswer,
    These(Vec<Container>),
}

/// A container, as Dokploy lists it.
struct Container {
    id: String,
    runs: bool,
}

impl Container {
    fn of(raw: &Json) -> Container {
        let text = |name: &str| raw.get(name).and_then(Json::as_str).unwrap_or_default();
        let status = text("status");
        let is_ill = status.contains("unhealthy") || status.contains("health: starting");
        Container {
            id: text("containerId").to_owned(),
            runs: text("state").eq_ignore_ascii_case("running") && !is_ill,
        }
    }
}

fn deployment_id(raw: &Json) -> Option<String> {
    let id = raw.get("deploymentId").and_then(Json::as_str)?;
    Some(id.to_owned())
}

/// Whether the next look may get an answer where this one got none: a Dokploy that deploys can be slow, or be updated.
fn may_pass(failure: &Failure) -> bool {
    match &failure.kind {
        FailureKind::Transport(_) | FailureKind::TimedOut(_) => true,
        FailureKind::NotDokploy { status, .. } => *status >= 500 || *status == 429,
        FailureKind::Refused(it) => it.status >= 500 || it.status == 429,
        _ => false,
    }
}
