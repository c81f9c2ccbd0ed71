# What the scripts share: where the repository is, which Pythons work, and environments that are made once.
# Sourced, never run. It leaves to each script what that script is for.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# An activated environment or a module path of the caller's must not leak into ours.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
# A pip that is configured to install for the user refuses to install into an environment.
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }

# 3 means the surroundings, here as in sandbank's own exit codes.
stop() {
    say "$*"
    exit 3
}

# "3.11" for a Python that works; nothing for one that does not (pyenv leaves such commands on PATH).
version_of() { "$1" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true; }

# Debian's python3 has venv but, without the package python3-venv, not the ensurepip that venv needs.
makes_environments() { "$1" -I -c 'import ensurepip, venv' 2>/dev/null; }

# The first Python $1 that works, from PATH or from pyenv.
python_for() {
    local candidate
    while IFS= read -r candidate; do
        if [[ $(version_of "$candidate") == "$1" ]] && makes_environments "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done < <(
        type -aP "python$1"
        printf '%s\n' "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/$1".*/bin/"python$1"
    )
    return 1
}

# What an environment was made from. The root is part of it, for an environment does not survive being moved.
stamp() { printf '%s %s\n' "$(cksum <"$root/pyproject.toml")" "$root"; }

# Does the environment in $1 hold the project as pyproject.toml describes it today?
ready() { [[ -n $(version_of "$1/bin/python") && $(cat "$1/sandbank.stamp" 2>/dev/null) == "$(stamp)" ]]; }

# Leaves in $1 an environment of the Python $2 with the project and its extras $3 ("" or "[dev]") in it.
# Nothing is done, and no network touched, when it is there already.
environment() {
    local folder=$1 python=$2 extras=$3 version
    version=$(version_of "$python")
    if ready "$folder" && [[ $(version_of "$folder/bin/python") == "$version" ]]; then return; fi
    [[ -w $root ]] || stop "The environment ${folder##*/} belongs in $root, and that folder cannot be written to."
    (
        if command -v flock >/dev/null; then flock 9; fi
        # Another shell may have made it while this one waited.
        if ready "$folder" && [[ $(version_of "$folder/bin/python") == "$version" ]]; then exit; fi
        say "Making ${folder##*/} with Python $version: about half a minute, and only this once ..."
        begin "$folder" "$python" || stop "Python's venv module could not make $folder; its reason is above."
        "$folder/bin/python" -I -m pip install -qq --editable "$root$extras" ||
            stop "pip could not install Sandbank into $folder; its reason is above. Is the package index within reach?"
        stamp >"$folder/sandbank.stamp"
        rm "$folder/sandbank.unfinished"
    ) 9>"$folder.lock"
}

# What is outdated, interrupted or broken is made anew; a working environment that somebody else made is kept.
begin() {
    local folder=$1 python=$2
    if [[ -e $folder/sandbank.stamp || -e $folder/sandbank.unfinished || -z $(version_of "$folder/bin/python") ]]; then
        rm -rf -- "$folder" && mkdir "$folder" && : >"$folder/sandbank.unfinished" && "$python" -I -m venv "$folder"
    else
        : >"$folder/sandbank.unfinished"
    fi
}

# Sets `bin` to the commands of the test environment for Python $1.
use_test_environment() {
    local python
    python=$(python_for "$1") || stop "Python $1 with its venv module is needed: apt install python$1 python$1-venv"
    environment "$root/.venv-test-$1" "$python" "[dev]"
    bin=$root/.venv-test-$1/bin
}
