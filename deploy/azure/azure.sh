#!/usr/bin/env bash
# Deploys images to an environment on Azure, compares it with its configuration, and
# takes it back. docs/deploy.md has the same steps by hand.
#
#   azure.sh plan ENVIRONMENT     shows what a deployment would change, and prints
#                                 approved=DIGEST, the digest of these changes
#   azure.sh apply ENVIRONMENT    deploys, if the changes still have the digest APPROVED
#   azure.sh back ENVIRONMENT     takes the service and the schema back to BEFORE
#   azure.sh drift ENVIRONMENT    fails if Azure differs from what was deployed
#   azure.sh preview ENVIRONMENT  shows what this configuration would change, with the
#                                 images that are deployed
#
# plan and apply deploy the digests RATES and SMOKE from IMAGES, as in
# ghcr.io/acme. The settings are terraform/app/ENVIRONMENT.tfbackend and
# ENVIRONMENT.private.tfvars; git ignores these files, so in a workflow their texts
# are in TERRAFORM_BACKEND and TERRAFORM_VARIABLES.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
umask 077

fail() {
    printf '::error::%s\n' "$*" >&2
    exit 1
}

action=${1:-} environment=${2:-}
case $action:$environment in
plan:?* | apply:?* | back:?* | drift:?* | preview:?*) ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
root=$PWD/terraform/app
[[ -f $root/environments/$environment.tfvars ]] || fail "there is no environment '$environment'; $root/environments has them"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT # plans and variables; a plan holds the state in clear

output() { echo "$1=$2" | tee -a "${GITHUB_OUTPUT:-/dev/null}"; }
note() { printf '\n== %s\n' "$*" >&2; }
tf() { terraform -chdir="$root" "$@"; }

# settings puts a file into scratch, or the text that stands for it.
settings() {
    local file=$1 text=$2
    if [[ -f terraform/app/$file ]]; then
        cp "terraform/app/$file" "$scratch/$file"
    elif [[ -n $text ]]; then
        printf '%s\n' "$text" >"$scratch/$file"
    else
        fail "there is neither terraform/app/$file nor a variable with its text; docs/github.md says how to set it"
    fi
}

start() {
    settings "$environment.tfbackend" "${TERRAFORM_BACKEND:-}"
    settings "$environment.private.tfvars" "${TERRAFORM_VARIABLES:-}"
    tf init -input=false -no-color -reconfigure -backend-config="$scratch/$environment.tfbackend" >&2
    deployed=$(tf output -json deployed) ||
        fail "$environment has not been applied yet; the first apply is by hand: docs/deploy.md, steps 4 to 6"
}

# get returns a value of what is deployed, or nothing.
get() { jq -r ".$1 // empty" <<<"$deployed"; }

# variables writes the values of a phase. Null leaves a job or the service out.
variables() {
    jq -n --arg migrations "$1" --arg version "$2" --arg service "$3" --arg smoke "$4" --arg commit "$5" '
        def text: if . == "" then null else . end;
        {migrations_digest: ($migrations | text), migrations_version: (if $version == "" then null else ($version | tonumber) end),
        service_digest: ($service | text), smoke_digest: ($smoke | text), commit: ($commit | text)}' >"$scratch/phase.tfvars.json"
}

# make_plan plans the variables of the phase as NAME. Its code is 2 if that changes
# something and -detailed-exitcode is given.
make_plan() {
    local name=$1
    shift
    tf plan -input=false -no-color -out="$scratch/$name" "$@" -var-file="environments/$environment.tfvars" \
        -var-file="$scratch/$environment.private.tfvars" -var-file="$scratch/phase.tfvars.json" >"$scratch/$name.log" ||
        { code=$?; [[ $code == 2 ]] || cat "$scratch/$name.log" >&2; return "$code"; }
}

# changes prints the changes of a plan as a list, without what stays.
changes() {
    tf show -json "$scratch/$1" | jq -S '[.resource_changes[]? | select(.change.actions != ["no-op"])
        | {address, change: (.change | {actions, before, after, replace_paths})}] | sort_by(.address)'
}

digest_of() { sha256sum | cut -d' ' -f1; }

# summarize shows a plan to the person who approves it. Terraform hides what is
# sensitive.
summarize() {
    { printf '### %s: %s\n\n```\n' "$environment" "$2"; tf show -no-color "$scratch/$1" | head -c 300000; printf '\n```\n'; } |
        tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}" >&2
}

schema_of_tree() { find db/migrations -name '[0-9]*.sql' -printf '%f\n' | sort | tail -n1 | sed 's/^0*\([0-9]*\)_.*/\1/'; }

# target works out what to deploy. Only the newer of two images knows how to go back
# to the schema of the older one.
target() {
    : "${RATES:?the digest of the image rates}" "${SMOKE:?the digest of the image rates-smoke}"
    commit=$(git rev-parse HEAD) schema=$(schema_of_tree) migrations=$RATES
    local now
    now=$(get migrations_version)
    if [[ -n $now ]] && ((schema < now)); then
        echo "**The schema goes back from $now to $schema. What the newer migrations added is lost.**" |
            tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}" >&2
        migrations=$(get migrations_digest)
    fi
}

first_phase() { variables "$migrations" "$schema" "$(get service_digest)" "$(get smoke_digest)" "$(get commit)"; }
second_phase() { variables "$migrations" "$schema" "$RATES" "$SMOKE" "$commit"; }

plan() {
    start
    target
    first_phase
    make_plan first -lock=false
    second_phase
    make_plan both -lock=false
    summarize first "first, before the migration"
    summarize both "all, the service included"
    changes first >"$scratch/first.json"
    changes both >"$scratch/both.json"
    output approved "$(digest_of <"$scratch/first.json").$(jq -S -n --slurpfile first "$scratch/first.json" \
        --slurpfile both "$scratch/both.json" '$both[0] - $first[0]' | digest_of)"
}

apply_plan() {
    make_plan "$1"
    tf apply -input=false -no-color "$scratch/$1" >&2
}

# apply_approved applies a plan that makes exactly the changes with this digest.
apply_approved() {
    local name=$1 approved=$2
    make_plan "$name"
    if [[ $(changes "$name" | digest_of) != "$approved" ]]; then
        summarize "$name" "not what was approved"
        fail "the plan changed after its approval, so nothing of it was applied: run the workflow again and approve the new plan"
    fi
    tf apply -input=false -no-color "$scratch/$name" >&2
}

# import_image has Azure copy an image. Its registry has no public address, so nobody
# asks it here; a job or service whose digest it lacks cannot be created.
import_image() {
    local name=$1 digest=$2 registry login=()
    registry=$(tf output -json registry | jq -r .name)
    [[ -z ${SOURCE_PASSWORD:-} ]] || login=(--username "${SOURCE_USERNAME:?}" --password "$SOURCE_PASSWORD")
    az acr import --name "$registry" --source "${IMAGES,,}/$name@$digest" --image "$name:$commit" --force "${login[@]}" >&2
}

run_job() {
    local job run status group
    group=$(tf output -raw resource_group_name)
    job=$(tf output -json jobs | jq -r ".$1")
    run=$(az containerapp job start --name "$job" --resource-group "$group" --query name --output tsv)
    until
        status=$(az containerapp job execution show --name "$job" --resource-group "$group" \
            --job-execution-name "$run" --query properties.status --output tsv)
        [[ $status != Running && $status != Processing ]]
    do sleep "${POLL_SECONDS:-5}"; done
    note "$job: $status"
    [[ $status == Succeeded ]] || fail "the job $job ended as $status; docs/deploy.md says where its output is"
}

# serving waits for the service and proves that it is the image with this digest.
serving() {
    local url group runs
    url=$(tf output -raw url) group=$(tf output -raw resource_group_name)
    curl --silent --show-error --fail --output /dev/null --retry 12 --retry-delay "${POLL_SECONDS:-10}" --retry-all-errors "$url/readyz" ||
        fail "$environment is not ready at $url/readyz"
    runs=$(az containerapp list --resource-group "$group" --query '[].properties.template.containers[].image' --output tsv)
    [[ $runs == *"/rates@$1" && $runs != *$'\n'* ]] || fail "$environment runs $runs, not the examined rates@$1"
    output url "$url"
    output host "$(sed -E 's|^https?://([^/:]+).*|\1|' <<<"$url")"
}

# way_back prints what ran before, for back, and how a person returns to it.
way_back() {
    output before "$(jq -c '{service_digest, smoke_digest, migrations_version, commit}' <<<"$deployed")"
    {
        echo "The way back to rates@$(get service_digest), as a person:"
        echo
        echo "    gh workflow run deploy.yml --ref TAG   # the tag of commit $(get commit)"
    } | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}" >&2
}

apply() {
    : "${APPROVED:?the digest that azure.sh plan printed}" "${IMAGES:?the registry and owner of the images}"
    start
    target
    [[ -z $(get service_digest) ]] || way_back
    import_image rates "$RATES"
    import_image rates-smoke "$SMOKE"
    first_phase
    apply_approved first "${APPROVED%.*}"
    run_job migrate
    second_phase
    apply_approved second "${APPROVED#*.}"
    serving "$RATES"
    note "$environment runs rates@$RATES with schema $schema"
}

# back undoes apply: the schema by the image that knows both schemas, then the
# service.
back() {
    : "${BEFORE:?what azure.sh apply printed as before}"
    start
    migrations=$(get migrations_digest) schema=$(jq -r '.migrations_version // empty' <<<"$BEFORE")
    RATES=$(jq -r .service_digest <<<"$BEFORE") SMOKE=$(jq -r '.smoke_digest // empty' <<<"$BEFORE") commit=$(jq -r '.commit // empty' <<<"$BEFORE")
    [[ -n $schema ]] || fail "the deployment before was by hand and its schema is not known: docs/deploy.md, To roll back"
    if [[ $(get migrations_version) != "$schema" ]]; then
        first_phase
        apply_plan first
        run_job migrate
    fi
    second_phase
    apply_plan second
    serving "$RATES"
    note "$environment is back at rates@$RATES with schema $schema"
}

# as_deployed makes the phase out of what is deployed.
as_deployed() {
    jq '{migrations_digest, migrations_version, service_digest, smoke_digest, commit}' <<<"$deployed" >"$scratch/phase.tfvars.json"
}

preview() {
    start
    as_deployed
    make_plan preview -lock=false
    summarize preview "what this configuration would change"
    output outcome "$(grep -m1 -E '^(Plan:|No changes)' "$scratch/preview.log")"
}

# drift plans the commit and the images that were deployed, so that a newer
# configuration is not taken for drift. What was applied by hand has no commit, and is
# compared with this one.
drift() {
    output outcome failed # until it is known
    start
    local code=0 tree=$scratch/tree
    commit=$(get commit)
    git worktree add --quiet --detach "$tree" "${commit:-HEAD}"
    root=$tree/terraform/app
    tf init -input=false -no-color -backend-config="$scratch/$environment.tfbackend" >&2
    as_deployed
    make_plan drift -lock=false -detailed-exitcode || code=$?
    [[ $code != 2 ]] || summarize drift "differs from what was deployed"
    git worktree remove --force "$tree"
    case $code in
    0) output outcome clean ;;
    2)
        output outcome drift
        fail "drift: $environment differs from what was deployed; the plan is in the summary"
        ;;
    *) fail "the plan of $environment failed, so it is not known whether it differs" ;;
    esac
}

"$action"
