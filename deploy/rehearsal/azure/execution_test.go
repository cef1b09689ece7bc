package azure

import (
	"context"
	"net/http"
	"testing"
)

// Whoever asks about an execution is told once it has ended, so that nobody has to ask
// again and again.
func TestAskersWaitForAnExecution(t *testing.T) {
	const job = groupID + "/providers/Microsoft.App/jobs/job"
	c := newCaller(t)
	running := make(chan struct{})
	c.cloud.effects[jobKind+"/executions"] = effect{put: func(ctx context.Context, _ document) error {
		select {
		case <-running:
		case <-ctx.Done():
		}
		return nil
	}}
	c.put(groupID, "{}")
	c.put(job, "{}")
	_, execution := c.arm(http.MethodPost, job+"/start", "")
	asked := make(chan document)
	go func() {
		_, said := c.arm(http.MethodGet, execution.text("id"), "")
		asked <- said
	}()
	close(running)
	if status := (<-asked).text("properties", "status"); status != "Succeeded" {
		t.Errorf("the execution is %s, want the answer to wait for its end", status)
	}
}
