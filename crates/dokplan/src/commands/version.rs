//! `version`: what this is.

use crate::load::TERRAFORM_VERSION;

/// Prints the version of dokplan and the version of Terraform that it follows.
pub(crate) fn version(json: bool) {
    let version = env!("CARGO_PKG_VERSION");
    let platform = format!("{}_{}", std::env::consts::OS, arch());
    if json {
        let text = serde_json::json!({
            "terraform_version": TERRAFORM_VERSION,
            "dokplan_version": version,
            "platform": platform,
            "provider_selections": {},
            "terraform_outdated": false,
        });
        crate::ui::out(&format!("{text:#}\n"));
    } else {
        crate::ui::out(&format!(
            "dokplan v{version}\non {platform}\nreads and writes what Terraform v{TERRAFORM_VERSION} does\n"
        ));
    }
}

/// The machine's name as Go has it, which is what people's tools expect.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
