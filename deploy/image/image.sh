#!/usr/bin/env bash
# Builds, examines, signs and verifies the images. Everything after the build names
# them by digest, so that what was examined is what is signed and deployed.
#
#   image.sh build                  builds rates and rates-smoke, pushes them, prints the digests
#   image.sh examine NAME DIGEST    runs the gates of the profile release, writes NAME.cdx.json
#   image.sh sign NAME DIGEST       signs it, attests its contents and how it was built
#   image.sh verify NAME            prints the digest of this commit's image, if all of that is true
#
# IMAGES is the registry and owner, as in ghcr.io/acme. Signing and verifying need
# what GitHub sets in a workflow: the signer is image.yml of this repository, at
# this commit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
    printf '::error::%s\n' "$*" >&2
    exit 1
}

images=${IMAGES:?set IMAGES to the registry and owner, as in ghcr.io/acme}
images=${images,,} # a registry refuses capitals
commit=$(git rev-parse HEAD)

# output prints a value, and hands it to the steps and jobs that follow.
output() { echo "$1=$2" | tee -a "${GITHUB_OUTPUT:-/dev/null}"; }

need_digest() {
    [[ $1 =~ ^sha256:[0-9a-f]{64}$ ]] || fail "'$1' is not a digest: sha256: and 64 hexadecimal digits"
}

push() {
    local name=$1 file=$2 image="$images/$1:$commit" digest
    # The digest is that of one manifest, not of a list with attestations beside it.
    docker build --platform linux/amd64 --provenance=false --file "$file" --tag "$image" \
        --build-arg VERSION="$(git describe --tags --always)" \
        --label org.opencontainers.image.revision="$commit" .
    docker push "$image"
    digest=$(docker inspect --format '{{join .RepoDigests "\n"}}' "$image" | sed -n "s|^$images/$name@||p")
    need_digest "$digest"
    output "$name" "$digest"
}

build() {
    push rates Dockerfile
    push rates-smoke deploy/smoke/smoke.Dockerfile
}

# examine fetches the image again: the registry's copy is the one that is deployed. The
# manifest leads from its digest to what was saved.
examine() {
    local name=$1 digest=$2 tar
    need_digest "$digest"
    tar=$(mktemp -d)/$name.tar
    docker pull "$images/$name@$digest"
    docker save --output "$tar" "$images/$name@$digest"
    docker buildx imagetools inspect --raw "$images/$name@$digest" >"$tar.manifest"
    export RATES_GATES_PROFILE=release RATES_IMAGE=$tar RATES_IMAGE_DIGEST=$digest RATES_IMAGE_MANIFEST=$tar.manifest
    if [[ $name == rates ]]; then
        make security
    else # the repository was examined with the other image
        make tools && go run ./security/cmd/gates run --only=trivy-image
    fi
    "$(go run ./security/cmd/gates tools --path trivy)" image --quiet --input "$tar" --format cyclonedx --output "$name.cdx.json"
    output "$name" "$digest"
}

# provenance says in the form of SLSA what was built from which commit, by whom.
# The certificate of the signature says the same in GitHub's own words.
provenance() {
    jq -n --arg repository "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" --arg ref "$GITHUB_REF" --arg commit "$commit" \
        --arg run "$GITHUB_RUN_ID/attempts/$GITHUB_RUN_ATTEMPT" '{
            buildDefinition: {
                buildType: "https://actions.github.io/buildtypes/workflow/v1",
                externalParameters: {workflow: {repository: $repository, ref: $ref, path: ".github/workflows/image.yml"}},
                resolvedDependencies: [{uri: "git+\($repository)@\($ref)", digest: {gitCommit: $commit}}]
            },
            runDetails: {
                builder: {id: "\($repository)/.github/workflows/image.yml@\($ref)"},
                metadata: {invocationId: "\($repository)/actions/runs/\($run)"}
            }
        }'
}

sign() {
    local name=$1 digest=$2 image="$images/$1@$2" predicate
    need_digest "$digest"
    [[ -s $name.cdx.json ]] || fail "there is no $name.cdx.json: only an examined image is signed"
    predicate=$(mktemp)
    provenance >"$predicate"
    cosign sign --yes "$image"
    cosign attest --yes --type cyclonedx --predicate "$name.cdx.json" "$image"
    cosign attest --yes --type slsaprovenance1 --predicate "$predicate" "$image"
}

# verify accepts no pattern: the identity is one workflow of one repository at one
# ref, and the certificate names the commit.
verify() {
    local name=$1 digest image
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$images/$name:$commit") ||
        fail "there is no image $images/$name:$commit: did the workflow image run for this commit?"
    need_digest "$digest"
    image="$images/$name@$digest"
    local signer=(
        --certificate-oidc-issuer https://token.actions.githubusercontent.com
        --certificate-identity "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/.github/workflows/image.yml@$GITHUB_REF"
        --certificate-github-workflow-repository "$GITHUB_REPOSITORY"
        --certificate-github-workflow-sha "$commit"
    )
    cosign verify "${signer[@]}" "$image" >/dev/null ||
        fail "the image $image is not signed by image.yml for $GITHUB_REF at $commit"
    for type in cyclonedx slsaprovenance1; do
        cosign verify-attestation "${signer[@]}" --type "$type" "$image" >/dev/null ||
            fail "the image $image has no $type attested by image.yml for $GITHUB_REF at $commit"
    done
    output "$name" "$digest"
}

case ${1:-} in
build) build ;;
examine | sign | verify) "$@" ;;
*)
    sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
