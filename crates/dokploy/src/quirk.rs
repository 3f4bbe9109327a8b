//! Named exceptions: where one type of object behaves unlike the rule of the driver.

/// A way in which an object is special. Each says why it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// An update that Dokploy refuses is stored all the same: `registry.update` writes the row, and tries
    /// `docker login` afterwards. What is there must be read back, and a user be told that the new values are kept.
    StoredWhenRefused,
    /// Deleting runs `docker logout` after the row is gone, and its failure is answered as an error: the object is
    /// gone if the list says so.
    GoneWhenRefused,
    /// Each project has an environment "production" from the start, which cannot be created, renamed or deleted: a
    /// resource of that name takes it over, and deleting the resource leaves it to the project.
    HasDefault,
    /// A domain's certificate follows from whether it has one, and its host can be made up: what a create sends
    /// depends on more than one attribute.
    DomainInput,
    /// An update answers the object as it was before: it must be read again.
    AnswersOld,
    /// It names the environment that came with it: `productionEnvironmentId`, which no answer has under that name.
    NamesDefault,
    /// The tags of a project are in its answer as pairs, each with the tag; calls take a list of ids: `tagIds`.
    NamesTags,
    /// What it leads to can be deployed after it was changed, if the configuration asks for that.
    Deploys,
}

impl Quirk {
    /// What a user should know about it, for the reference page.
    pub fn note(self) -> &'static str {
        match self {
            Quirk::StoredWhenRefused => {
                "Dokploy logs in to the registry (`docker login`) on create and on every update. A refused login fails a create, and nothing is left. A refused login on update fails too, but Dokploy has stored the new values by then: the state says so, and the next plan starts from there."
            }
            Quirk::GoneWhenRefused => {
                "Deleting also runs `docker logout`, which affects other registries with the same URL. If only that fails, the registry is gone and no error is raised."
            }
            Quirk::HasDefault => {
                "Dokploy makes an environment `production` with every project. A resource with that name takes it over instead of making one, and deleting the resource leaves the environment to its project, with a warning."
            }
            Quirk::DomainInput => {
                "Without `host`, and with `generate_traefik_me`, Dokploy makes up a host. Without `certificate_type`, a domain with HTTPS gets a certificate from Let's Encrypt."
            }
            Quirk::AnswersOld | Quirk::NamesDefault | Quirk::NamesTags => "",
            Quirk::Deploys => {
                "With `redeploy_on_update`, what the domain leads to is deployed at once after a change of the domain, and a deployment that does not start is a warning. `deploy_on_change` of a compose does that better: once, after all other changes. Set one of the two."
            }
        }
    }
}
