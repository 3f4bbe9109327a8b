//! Command lines that cannot be read, help, completion and stored keys. What goes to which stream, under which title and
//! with which exit code was observed with Terraform 1.11.4.

use crate::support::{Dir, Output, Server};

const MAIN: &str = "resource \"terraform_data\" \"a\" {}\n";

/// Where something is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Said {
    /// Nothing on standard output, and an error with this title on standard error.
    Titled(&'static str),
    /// The help on standard output, and a line on standard error.
    HelpApart,
    /// A line and the help on standard error.
    HelpWith,
    /// A line on standard error.
    Line,
    /// The help on standard output, nothing on standard error.
    Help,
}

#[track_caller]
fn check(args: &str, expected: Said) -> Output {
    let dir = Dir::with(&[("main.tf", MAIN)]);
    let words: Vec<&str> = args.split_whitespace().collect();
    let output = dir.run(&words).exits(1);
    let is_help = |it: &str| it.contains("Usage: dokplan [global options]");
    let title = output
        .stderr
        .lines()
        .find_map(|it| it.strip_prefix("Error: "))
        .unwrap_or_default()
        .to_owned();
    let (out, err) = (is_help(&output.stdout), is_help(&output.stderr));
    let found = match (out, err, title.as_str()) {
        (false, false, it) if !it.is_empty() => Said::Titled(Box::leak(it.to_owned().into())),
        (true, false, "") if output.stderr.is_empty() => Said::Help,
        (true, false, "") => Said::HelpApart,
        (false, true, "") => Said::HelpWith,
        _ => Said::Line,
    };
    assert_eq!(found, expected, "{args}\n{}", output.all());
    assert!(out || output.stdout.is_empty(), "{args}\n{}", output.all());
    // Our words, and no rest of what the parser of the command line says.
    for word in ["--", "Usage: dokplan <", "tip:", "error:"] {
        assert!(!output.all().contains(word), "{args}\n{}", output.all());
    }
    output
}

#[test]
fn too_few_arguments() {
    for args in [
        "force-unlock",
        "state mv a.b",
        "state rm",
        "state push",
        "state show",
        "state replace-provider a",
        "workspace new",
        "workspace select",
        "workspace delete",
    ] {
        check(args, Said::HelpApart);
    }
    for args in [
        "import",
        "import a.b",
        "taint",
        "untaint",
        "metadata functions",
        "providers schema",
    ] {
        check(args, Said::HelpWith);
    }
    for args in [
        "state",
        "state frob",
        "workspace",
        "workspace frob x",
        "metadata",
        "metadata frob",
    ] {
        check(args, Said::Help);
    }
    check(
        "providers mirror",
        Said::Titled("No output directory specified"),
    );
    let output = check("state mv a.b", Said::HelpApart);
    assert!(
        output
            .stderr
            .contains("two arguments, SOURCE and DESTINATION"),
        "{}",
        output.stderr
    );
}

#[test]
fn too_many_arguments() {
    for args in [
        "force-unlock a b",
        "state mv a b c",
        "state push a b",
        "state show a b",
        "workspace new a b",
        "workspace select a b",
    ] {
        check(args, Said::HelpApart);
    }
    for args in ["import a b c", "taint a b", "untaint a b"] {
        check(args, Said::HelpWith);
    }
    for args in [
        "console a",
        "get a",
        "graph a",
        "providers frob",
        "workspace list a",
    ] {
        let output = check(args, Said::Line);
        assert!(
            output.stderr.contains("-chdir"),
            "{args}: {}",
            output.stderr
        );
    }
    for args in [
        "plan a",
        "apply a b",
        "destroy a b",
        "refresh a",
        "show a b",
        "modules a",
    ] {
        check(args, Said::Titled("Too many command line arguments"));
    }
    check("output a b", Said::Titled("Unexpected argument"));
    check(
        "init a",
        Said::Titled("Too many command line arguments. Did you mean to use -chdir?"),
    );
}

#[test]
fn unknown_options_and_wrong_values() {
    let flags = Said::Titled("Failed to parse command-line flags");
    for args in [
        "init -frobnicate",
        "plan -frobnicate=3",
        "apply -lock=perhaps",
        "plan -json=perhaps",
        "plan -parallelism=many",
        "plan -lock-timeout=soon",
        "plan -out",
        "output -frobnicate",
        "show -frobnicate",
        "refresh -frobnicate",
        "validate -frobnicate",
        "modules -frobnicate",
        "test -frobnicate",
    ] {
        check(args, flags);
    }
    for args in [
        "console -frobnicate",
        "fmt -check=perhaps",
        "force-unlock -frobnicate",
        "get -frobnicate",
        "graph -frobnicate",
        "import -frobnicate",
        "taint -frobnicate",
        "version -frobnicate",
        "workspace new -frobnicate",
        "workspace list -frobnicate",
        "providers lock -frobnicate",
        "login -frobnicate",
    ] {
        check(args, Said::HelpWith);
    }
    check("state list -frobnicate", Said::HelpApart);
    check("state replace-provider -frobnicate", Said::HelpApart);
    for args in [
        "state mv -frobnicate",
        "state rm -frobnicate",
        "state pull -frobnicate",
        "state show -frobnicate",
    ] {
        let output = check(args, Said::Line);
        assert!(
            output
                .stderr
                .starts_with("Error parsing command-line flags: "),
            "{}",
            output.stderr
        );
    }
    let output = check("plan -detailed-exitcodes", flags);
    assert!(
        output
            .stderr
            .contains("no option -detailed-exitcodes. Did you mean -detailed-exitcode?"),
        "{}",
        output.stderr
    );
}

#[test]
fn in_a_json_stream_the_command_line_is_wrong_in_json() {
    let dir = Dir::with(&[("main.tf", MAIN)]);
    for args in [
        &["plan", "-json", "-frobnicate"][..],
        &["apply", "-json", "a", "b"],
    ] {
        let output = dir.run(args).exits(1);
        assert_eq!(output.stderr, "");
        let last: serde_json::Value =
            serde_json::from_str(output.stdout.lines().last().unwrap()).unwrap();
        assert_eq!(last["type"], "diagnostic", "{}", output.stdout);
        assert_eq!(last["diagnostic"]["severity"], "error");
    }
}

#[test]
fn help_and_no_command() {
    let dir = Dir::new();
    for args in [
        &["-help"][..],
        &["--help"],
        &["plan", "-h"],
        &["state", "frob", "-help"],
    ] {
        let output = dir.run(args).ok();
        assert!(
            output
                .stdout
                .starts_with("Usage: dokplan [global options] "),
            "{}",
            output.stdout
        );
    }
    for args in [&[][..], &["-frobnicate"]] {
        let output = dir.run(args).exits(127);
        assert!(
            output
                .stdout
                .starts_with("Usage: dokplan [global options] "),
            "{}",
            output.stdout
        );
    }
    let output = dir.run(&["plam", "-help"]).exits(1);
    assert!(
        output
            .stderr
            .starts_with("dokplan has no command named \"plam\". Did you mean \"plan\"?\n")
    );
}

#[test]
fn options_take_truth_values_and_the_last_counts() {
    let dir = Dir::with(&[("main.tf", MAIN)]);
    let output = dir
        .run(&[
            "plan",
            "-no-color",
            "-detailed-exitcode=true",
            "-detailed-exitcode=0",
            "-lock=f",
            "-parallelism=3",
            "-parallelism=5",
        ])
        .ok();
    assert!(
        output.stdout.contains("Plan: 1 to add"),
        "{}",
        output.stdout
    );
    dir.run(&["plan", "-detailed-exitcode=1"]).exits(2);
    // What the environment says gives way to the command line.
    let output = dir
        .run(&["plan", "-json=false"])
        .env("TF_CLI_ARGS_plan", "-json -parallelism=2")
        .ok();
    assert!(
        output.stdout.contains("Plan: 1 to add"),
        "{}",
        output.stdout
    );
}

#[test]
fn completion_is_installed_once_and_taken_away() {
    let home = Dir::with(&[(".bashrc", "alias x=y"), (".zshrc", "")]);
    std::fs::create_dir_all(home.join(".config/fish")).unwrap();
    let path = home.path().to_string_lossy().into_owned();
    let run = |arg: &str| home.run(&[arg]).env("HOME", &path).ok();
    let output = run("-install-autocomplete");
    assert!(output.stdout.contains("Added to "), "{}", output.stdout);
    let bash = home.read(".bashrc");
    assert!(
        bash.starts_with("alias x=y\ncomplete -o default -C "),
        "{bash}"
    );
    assert!(
        home.read(".zshrc")
            .starts_with("autoload -U +X bashcompinit && ")
    );
    let fish = home.read(".config/fish/completions/dokplan.fish");
    assert!(fish.contains("complete -c dokplan "), "{fish}");
    run("-install-autocomplete");
    assert_eq!(home.read(".bashrc"), bash);
    run("-uninstall-autocomplete");
    assert_eq!(home.read(".bashrc"), "alias x=y\n");
    assert_eq!(home.read(".zshrc"), "");
    assert!(!home.join(".config/fish/completions/dokplan.fish").exists());
    run("-uninstall-autocomplete");
    let empty = Dir::new();
    let output = empty
        .run(&["-install-autocomplete"])
        .env("HOME", &empty.path().to_string_lossy())
        .exits(1);
    assert!(output.stderr.contains("no .bashrc"), "{}", output.stderr);
}

#[test]
fn the_shell_is_told_what_may_come() {
    let dir = Dir::with(&[(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x\"])\n}\nresource \"terraform_data\" \"b\" {}\n",
    )]);
    dir.run(&["apply", "-auto-approve"]).ok();
    dir.run(&["workspace", "new", "dev"]).ok();
    dir.run(&["workspace", "select", "default"]).ok();
    let ask = |line: &str, word: &str| {
        let output = dir
            .run(&["dokplan", word, "before"])
            .env("COMP_LINE", line)
            .env("COMP_POINT", &line.len().to_string())
            .ok();
        assert_eq!(output.stderr, "");
        output.stdout
    };
    assert_eq!(ask("dokplan pla", "pla"), "plan\n");
    assert_eq!(ask("dokplan workspace select ", ""), "default\ndev\n");
    assert_eq!(
        ask("dokplan state show ", ""),
        "'terraform_data.a[\"x\"]'\nterraform_data.b\n"
    );
    // bash takes what stands behind `=` for the word.
    assert_eq!(
        ask("dokplan plan -target=terraform_data.b", "terraform_data.b"),
        "terraform_data.b\n"
    );
    assert_eq!(
        ask("dokplan plan -refresh-", "-refresh-"),
        "-refresh-only\n"
    );
    let fish = dir
        .run(&[] as &[&str])
        .env("COMP_LINE", "dokplan state show 'terraform_data.a")
        .ok();
    assert_eq!(fish.stdout, "terraform_data.a[\"x\"]\n");
    // A state that cannot be read completes to nothing, and says nothing.
    dir.write("terraform.tfstate", "nonsense");
    assert_eq!(ask("dokplan taint ", ""), "");
}

#[test]
fn a_stored_key_is_used_for_its_host_and_for_no_other() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::new(dokploy_sim::Settings::for_tests(
        dokploy_sim::Version::V0_30_2,
    ));
    let dir = Dir::with(&[(
        "main.tf",
        "terraform {\n  required_providers {\n    dokploy = { source = \"ahmedali6/dokploy\" }\n  }\n}\nprovider \"dokploy\" {}\nresource \"dokploy_project\" \"p\" {\n  name = \"p\"\n}\n",
    )]);
    let home = Dir::with(&[(
        ".terraform.d/credentials.tfrc.json",
        "{\"other\": 1, \"credentials\": {\"app.terraform.io\": {\"token\": \"t\"}}}",
    )]);
    let path = home.path().to_string_lossy().into_owned();
    let host = format!("http://{}", server.address);
    let run = |args: &[&str]| dir.run(args).env("HOME", &path).env("DOKPLOY_HOST", &host);
    let output = run(&["plan", "-no-color"]).exits(1);
    assert!(output.stderr.contains("api_key"), "{}", output.stderr);
    let output = run(&["login"]).stdin("test-key\n").ok();
    assert!(!output.all().contains("test-key"), "{}", output.all());
    let file = home.join(".terraform.d/credentials.tfrc.json");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let stored: serde_json::Value = serde_json::from_str(&crate::support::text(&file)).unwrap();
    assert_eq!(
        stored,
        serde_json::json!({"other": 1, "credentials": {
            "app.terraform.io": {"token": "t"}, server.address.as_str(): {"token": "test-key"},
        }})
    );
    run(&["apply", "-auto-approve"]).ok();
    let output = run(&["plan", "-no-color"])
        .env("DOKPLOY_HOST", "http://127.0.0.1:9")
        .exits(1);
    assert!(output.stderr.contains("api_key"), "{}", output.stderr);
    run(&["logout"]).ok();
    let output = run(&["logout"]).ok();
    assert!(
        output.stdout.starts_with("No credentials for "),
        "{}",
        output.stdout
    );
    run(&["plan", "-no-color"]).exits(1);
}

#[test]
fn login_needs_a_host_and_a_token() {
    let home = Dir::new();
    let path = home.path().to_string_lossy().into_owned();
    let run = |args: &[&str], stdin: &str| {
        home.run(args)
            .env("HOME", &path)
            .stdin(stdin)
            .exits(1)
            .stderr
    };
    assert!(run(&["login"], "x").contains("Error: Invalid hostname"));
    assert!(run(&["login", "a b"], "x").contains("Error: Invalid hostname"));
    assert!(run(&["login", "a.example.com"], "").contains("Error: Invalid token"));
    let told = run(&["login", "a.example.com"], "two words");
    assert!(
        told.contains("Error: Invalid token") && !told.contains("two words"),
        "{told}"
    );
    home.write(".terraform.d/credentials.tfrc.json", "{\"credentials\": 3}");
    assert!(
        run(&["login", "a.example.com"], "x")
            .contains("Error: Failed to access the credentials file")
    );
}
