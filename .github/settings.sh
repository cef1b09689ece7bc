#!/usr/bin/env bash
# Sets up the repository on GitHub as settings.json and rulesets/ say, with the gh
# of an administrator. What they do not name is left alone.
#
#   .github/settings.sh OWNER/REPO            sets
#   .github/settings.sh OWNER/REPO --check    names what differs, and changes nothing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case $# in
1) check= ;;
2) check=yes && [[ $2 == --check ]] ;;
*) false ;;
esac && [[ $1 == */* ]] || { sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set/d' >&2; exit 2; }

readonly repo=repos/$1
differs=0

# read_json prints what GitHub has, or {} if there is nothing.
read_json() { gh api "$repo$1" 2>/dev/null || echo '{}'; }

# has reports whether all that is wanted is there. A list must be the same, in any
# order.
has() {
    jq -en --argjson there "$1" --argjson wanted "$2" '
        def sorted: walk(if type == "array" then sort else . end);
        ($there | sorted) as $t | ($wanted | sorted) as $w | $t * $w == $t' >/dev/null
}

# settle compares what is there with what is wanted. Its arguments are a name, both,
# and the method and path that set it.
settle() {
    local name=$1 there=$2 wanted=$3 method=$4 path=$5
    if has "$there" "$wanted"; then
        echo "as it should be: $name"
    elif [[ -n $check ]]; then
        echo "differs: $name"
        differs=1
    else
        gh api --silent --method "$method" "$repo$path" --input - <<<"${6:-$wanted}"
        echo "set: $name"
    fi
}

while read -r setting; do
    get() { jq -r ".$1" <<<"$setting"; }
    settle "$(get name)" "$(read_json "$(get path)")" "$(jq -c .values <<<"$setting")" "$(get method)" "$(get path)"
done < <(jq -c '.settings[]' settings.json)

# Rules are compared by their type: GitHub adds parameters with their defaults.
by_type='if .rules then .rules |= (map({(.type): (.parameters // {})}) | add) else . end'
listed=$(gh api "$repo/rulesets" 2>/dev/null || echo '[]')
for file in rulesets/*.json; do
    name=$(jq -r .name "$file")
    id=$(jq -r --arg name "$name" '.[] | select(.name == $name).id' <<<"$listed")
    settle "ruleset $name" "$(read_json "/rulesets/${id:-none}" | jq -c "$by_type")" "$(jq -c "$by_type" "$file")" \
        "$([[ -n $id ]] && echo PUT || echo POST)" "/rulesets${id:+/$id}" "$(cat "$file")"
done

for environment in $(jq -r '.environments | keys[]' settings.json); do
    settle "environment $environment" "$(read_json "/environments/$environment")" \
        '{"deployment_branch_policy":{"protected_branches":false,"custom_branch_policies":true}}' PUT "/environments/$environment"
    policies=/environments/$environment/deployment-branch-policies
    there=$(read_json "$policies")
    while read -r wanted; do
        is=$(jq -c --argjson wanted "$wanted" '.branch_policies // [] | map({name, type} | select(. == $wanted)) | first // {}' <<<"$there")
        settle "environment $environment: $(jq -r '"\(.type) \(.name)"' <<<"$wanted")" "$is" "$wanted" POST "$policies"
    done < <(jq -c --arg environment "$environment" '.environments[$environment][]' settings.json)
    more=$(jq -r --argjson wanted "$(jq -c --arg environment "$environment" '.environments[$environment]' settings.json)" \
        '.branch_policies // [] | map({name, type}) - $wanted | map("\(.type) \(.name)") | join(", ")' <<<"$there")
    if [[ -n $more ]]; then
        echo "differs: environment $environment also lets in $more; remove it in the settings"
        differs=1
    fi
done

exit "$differs"
