# Copy to bootstrap.tfvars and fill in your own values. None is secret.
location                = "westeurope"
name_suffix             = "acme1"
owner                   = "platform@example.com"
budget_start            = "2026-09-01T00:00:00Z"
budget_contacts         = ["platform@example.com"]
administrators_group_id = "00000000-0000-0000-0000-000000000000"
state_reachable_from    = ["203.0.113.7"]

github = {
  owner         = "acme"
  owner_id      = 1234567
  repository    = "rates"
  repository_id = 7654321
}
