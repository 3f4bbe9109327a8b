//! The workflow of `examples/ci`: its commands, in their order, as a runner runs them.

use std::process::Command;

use dokploy_sim::{Settings, Version};

use crate::support::{BIN, Dir, Server};

/// The commands of the steps, by the names of the steps.
fn steps(workflow: &str) -> Vec<(String, String)> {
    let mut res: Vec<(String, String)> = Vec::new();
    let mut lines = workflow.lines().peekable();
    let mut name = String::new();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if let Some(it) = trimmed.strip_prefix("- name: ") {
            it.clone_into(&mut name);
        }
        let Some(command) = trimmed.strip_prefix("run: ") else {
            continue;
        };
        let indent = line.len() - trimmed.len();
        let mut text = String::new();
        if command == "|" {
            while let Some(next) = lines
                .next_if(|it| it.trim().is_empty() || it.len() - it.trim_start().len() > indent)
            {
                text.push_str(next.trim_start());
                text.push('\n');
            }
        } else {
            command.clone_into(&mut text);
        }
        res.push((name.clone(), text));
    }
    res
}

#[test]
fn the_workflow_plans_comments_and_applies() {
    let server = Server::new(Settings::for_tests(Version::V0_30_2));
    let dir = Dir::copy_of("examples/ci");
    let workflow = dir.read(".github/workflows/dokplan.yml");
    let steps = steps(&workflow);
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["Layout", "Init", "Validate", "Plan", "Comment", "Apply"]
    );

    // `gh` notes what it is given.
    dir.write("bin/gh", "#!/bin/sh\necho \"$@\" > said\n");
    std::os::unix::fs::symlink(BIN, dir.join("bin/dokplan")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(dir.join("bin/gh"), mode).unwrap();
    let path = format!(
        "{}:{}",
        dir.join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let run = |command: &str| {
        let output = Command::new("bash")
            .args(["-e", "-c", command])
            .current_dir(dir.path())
            .env("PATH", &path)
            .env("DOKPLOY_HOST", format!("http://{}", server.address))
            .env("DOKPLOY_API_KEY", "test-key")
            .env("TF_VAR_ghcr_token", "ghp_hunter2")
            .env("STATE", dir.join("elsewhere/terraform.tfstate"))
            .env("TF_IN_AUTOMATION", "1")
            .env("GITHUB_OUTPUT", dir.join("outputs"))
            .env("PULL_REQUEST", "7")
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(!all.contains("hunter2"), "{all}");
        assert!(output.status.success(), "{command}: {all}");
        all
    };
    for (_, command) in &steps {
        run(command);
    }
    assert_eq!(dir.read("outputs"), "exitcode=2\n");
    assert_eq!(dir.read("said"), "pr comment 7 --body-file plan.md\n");
    let comment = dir.read("plan.md");
    assert!(
        comment.contains("# dokploy_registry.ghcr will be created"),
        "{comment}"
    );
    assert!(
        comment.contains("Plan: 2 to add, 0 to change, 0 to destroy."),
        "{comment}"
    );
    assert!(!comment.contains("hunter2"), "{comment}");
    assert_eq!(server.sim.rows("registry").len(), 1);
    assert!(dir.join("elsewhere/terraform.tfstate").exists());

    // Once more there is nothing to do.
    let plan = &steps[3].1;
    run(plan);
    assert_eq!(dir.read("outputs"), "exitcode=2\nexitcode=0\n");
}
