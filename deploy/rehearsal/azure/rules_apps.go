package azure

import (
	"crypto/rand"
	"fmt"
	"strings"
)

const (
	appKind   = "microsoft.app/containerapps"
	jobKind   = "microsoft.app/jobs"
	appSuffix = "azurecontainerapps.io"
)

func appRules() []rule {
	return []rule{
		{
			name: "Microsoft.App/managedEnvironments",
			compute: func(_ *Cloud, _ target, d document) {
				d.object(own).fallback("label", strings.ToLower(rand.Text()[:8])) // Azure chooses it
				p := d.properties()
				p["defaultDomain"] = fmt.Sprintf("%s.%s.%s", d.text(own, "label"), d.text("location"), appSuffix)
				p["staticIp"] = "10.20.0.100"
			},
		},
		{
			name: "Microsoft.App/containerApps",
			compute: func(c *Cloud, t target, d document) {
				p := d.properties()
				environment := c.documents[parse(p.text("environmentId")).key()]
				if environment == nil {
					environment = c.documents[parse(p.text("managedEnvironmentId")).key()]
				}
				domain := environment.text("properties", "defaultDomain")
				revisions := d.number(0, own, "revisions") + 1
				d.object(own)["revisions"] = float64(revisions)
				p["latestRevisionName"] = fmt.Sprintf("%s--%07d", t.name, revisions)
				p["latestRevisionFqdn"] = fmt.Sprintf("%s--%07d.%s", t.name, revisions, domain)
				p["outboundIpAddresses"], p["customDomainVerificationId"] = []any{"203.0.113.9"}, "ABC"
				if ingress := p.object("configuration", "ingress"); len(ingress) > 0 {
					ingress["fqdn"] = t.name + "." + domain
				}
			},
			answers: map[string]answer{"POST listsecrets": listSecrets},
		},
		{
			name:    "Microsoft.App/jobs",
			compute: func(_ *Cloud, _ target, d document) { d.properties()["outboundIpAddresses"] = []any{"203.0.113.9"} },
			answers: map[string]answer{"POST listsecrets": listSecrets, "POST start": startJob},
		},
		{name: "Microsoft.App/jobs/executions"},
	}
}

// listSecrets gives back the references to a vault: values are nowhere here.
func listSecrets(c *Cloud, r request) (any, error) {
	secrets := c.documents[r.key()].at("properties", "configuration", "secrets")
	if secrets == nil {
		secrets = []any{}
	}
	return map[string]any{"value": secrets}, nil
}

// startJob begins an execution, which is a document that says how it went.
func startJob(c *Cloud, r request) (any, error) {
	job := c.documents[r.key()]
	run := c.effects[jobKind+"/executions"].put
	if job == nil || run == nil {
		return nil, fmt.Errorf("the job %s cannot be started", r.name)
	}
	runs := job.number(0, own, "runs") + 1
	job.object(own)["runs"] = float64(runs)
	name := fmt.Sprintf("%s-%07d", r.name, runs)
	execution := document{"id": r.id + "/executions/" + name, "name": name, "properties": map[string]any{"status": "Running"}}
	key := parse(execution.text("id")).key()
	c.documents[key] = execution
	same := job.clone()
	o := &operation{done: make(chan struct{})}
	c.operations[key] = o
	go func() {
		defer close(o.done)
		status, why := "Succeeded", ""
		if err := run(c.ctx, same); err != nil {
			status = "Failed"
			c.say("job %s: %v", name, err)
			why = err.Error()
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		execution.properties()["status"], execution.object(own)["why"] = status, why
	}()
	return execution.clone(), nil
}
