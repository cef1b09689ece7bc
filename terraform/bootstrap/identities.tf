# Two identities for each environment, neither with a secret: a workflow in the
# GitHub environment of the same name exchanges its own token for one of Entra.
# "dev" and "prod" apply, "dev-plan" and "prod-plan" only read.
locals {
  identities = merge([
    for environment in keys(var.environments) : {
      "${environment}-apply" = { environment = environment, github_environment = environment }
      "${environment}-plan"  = { environment = environment, github_environment = "${environment}-plan" }
    }
  ]...)

  # GitHub's immutable form: another repository that takes over a freed name has
  # other ids and is refused.
  repository = "${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}"
}

resource "azurerm_user_assigned_identity" "deploy" {
  for_each = local.identities

  name                = "id-rates-${each.key}"
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  tags                = merge(local.tags, { environment = each.value.environment })
}

resource "azurerm_federated_identity_credential" "github" {
  for_each = local.identities

  name                      = "github-${each.value.github_environment}"
  user_assigned_identity_id = azurerm_user_assigned_identity.deploy[each.key].id
  issuer                    = "https://token.actions.githubusercontent.com"
  audience                  = ["api://AzureADTokenExchange"]
  subject                   = "repo:${local.repository}:environment:${each.value.github_environment}"
}
