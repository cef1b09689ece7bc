package azure

import "encoding/json"

func logRules() []rule {
	return []rule{
		{
			name: "Microsoft.OperationalInsights/workspaces",
			compute: func(_ *Cloud, t target, d document) {
				p := d.properties()
				p["customerId"] = uuid("workspace " + t.key())
				p.object("workspaceCapping").fallback("dailyQuotaGb", -1)
				p.fallback("publicNetworkAccessForIngestion", "Enabled")
				p.fallback("publicNetworkAccessForQuery", "Enabled")
			},
			answers: map[string]answer{"POST sharedkeys": answered(map[string]any{"primarySharedKey": "", "secondarySharedKey": ""})},
		},
		{name: "Microsoft.OperationalInsights/deletedWorkspaces"},
		{name: "Microsoft.OperationalInsights/workspaces/savedSearches"},
		{name: "Microsoft.Insights/diagnosticSettings"},
		{name: "Microsoft.Insights/actionGroups"},
		{name: "Microsoft.Insights/metricAlerts"},
		{name: "Microsoft.Insights/scheduledQueryRules"},
		{name: "Microsoft.Insights/webTests"},
		{
			name: "Microsoft.Insights/components",
			compute: func(_ *Cloud, t target, d document) {
				p := d.properties()
				p["AppId"], p["InstrumentationKey"], p["ApplicationId"] = uuid("app "+t.key()), uuid("key "+t.key()), t.name
				p["ConnectionString"] = "InstrumentationKey=" + uuid("key "+t.key())
			},
			answers: map[string]answer{"GET currentbillingfeatures": billing, "PUT currentbillingfeatures": setBilling},
		},
		{name: "Microsoft.AlertsManagement/smartDetectorAlertRules"},
	}
}

// billing is a document that each component has, under a name of its own.
func billing(c *Cloud, r request) (any, error) {
	if said := c.documents[r.key()].at(own, "billing"); said != nil {
		return said, nil
	}
	return map[string]any{
		"CurrentBillingFeatures": []any{"Basic"},
		"DataVolumeCap":          map[string]any{"Cap": 100, "StopSendNotificationWhenHitCap": false, "WarningThreshold": 90, "ResetTime": 0},
	}, nil
}

func setBilling(c *Cloud, r request) (any, error) {
	var said map[string]any
	if err := json.Unmarshal(r.body, &said); err != nil {
		return nil, err
	}
	c.documents[r.key()].object(own)["billing"] = said
	return said, nil
}
