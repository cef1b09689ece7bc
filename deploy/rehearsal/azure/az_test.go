//go:build linux

package azure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// runAz is the part of az that the page and the scripts use, and returns its code. It
// asks the stand-in as az asks Azure.
func runAz(args []string) int {
	if err := az(args); err != nil {
		fmt.Fprintln(os.Stderr, "az:", err)
		return 1
	}
	return 0
}

func az(args []string) error {
	words := strings.Join(args, " ")
	option := func(name string) string {
		for i, arg := range args[:len(args)-1] {
			if arg == name {
				return args[i+1]
			}
		}
		return ""
	}
	group := "/subscriptions/" + os.Getenv("ARM_SUBSCRIPTION_ID") + "/resourceGroups/"
	switch {
	case strings.HasPrefix(words, "acr import "):
		source := document{"sourceImage": option("--source")}
		// az finds the group of a registry itself.
		_, err := ask(http.MethodPost, group+os.Getenv("REHEARSAL_GROUP")+"/providers/Microsoft.ContainerRegistry/registries/"+option("--name")+"/importImage", document{"source": source})
		return err
	case strings.HasPrefix(words, "containerapp job start "):
		run, err := ask(http.MethodPost, group+option("--resource-group")+"/providers/Microsoft.App/jobs/"+option("--name")+"/start", nil)
		fmt.Println(run.text("name"))
		return err
	case strings.HasPrefix(words, "containerapp job execution show "):
		run, err := ask(http.MethodGet, group+option("--resource-group")+"/providers/Microsoft.App/jobs/"+option("--name")+"/executions/"+option("--job-execution-name"), nil)
		fmt.Println(run.text("properties", "status"))
		return err
	case strings.HasPrefix(words, "containerapp list "):
		apps, err := ask(http.MethodGet, group+option("--resource-group")+"/providers/Microsoft.App/containerApps", nil)
		for _, app := range apps.objects("value") {
			fmt.Println(containerOf(app).text("image"))
		}
		return err
	}
	return fmt.Errorf("the rehearsal does not know az %s", words)
}

// ask signs in and sends a request to the stand-in, through the proxy that the
// environment names.
func ask(method, path string, body document) (document, error) {
	signIn, err := http.PostForm("https://"+entraHost+"/"+tenantID+"/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"}})
	if err != nil {
		return nil, err
	}
	defer signIn.Body.Close()
	var token struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(signIn.Body).Decode(&token); err != nil {
		return nil, err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, "https://"+armHost+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	var said document
	if len(answer) > 0 {
		err = json.Unmarshal(answer, &said)
	}
	return said, err
}
