locals {
  budget_alerts = {
    half_used   = { threshold = 50, threshold_type = "Actual" }
    nearly_used = { threshold = 90, threshold_type = "Actual" }
    will_exceed = { threshold = 100, threshold_type = "Forecasted" }
  }
}

resource "azurerm_consumption_budget_resource_group" "environment" {
  for_each = var.environments

  name              = "budget-rates-${each.key}"
  resource_group_id = azurerm_resource_group.environment[each.key].id
  amount            = each.value.monthly_budget
  time_grain        = "Monthly"

  time_period {
    start_date = var.budget_start
  }

  dynamic "notification" {
    for_each = local.budget_alerts

    content {
      operator       = "GreaterThanOrEqualTo"
      threshold      = notification.value.threshold
      threshold_type = notification.value.threshold_type
      contact_emails = var.budget_contacts
    }
  }
}
