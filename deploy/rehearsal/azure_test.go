package rehearsal

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// az is the part of Azure that copies images and runs jobs.
func az(w place, args []string) error {
	switch {
	case args[0] == "login":
		return login(w, os.Getenv("GITHUB_JOB"))
	case startsWith(args, "acr", "import"):
		return importImage(w, option(args, "--name"), option(args, "--source"), option(args, "--image"))
	case startsWith(args, "containerapp", "job", "start"):
		return startJob(w, option(args, "--resource-group"))
	case startsWith(args, "containerapp", "job", "execution", "show"):
		fmt.Println(w.read(option(args, "--resource-group"), "execution"))
		return nil
	case startsWith(args, "containerapp", "list"):
		running := w.read(option(args, "--resource-group"), "running")
		if w.read("set", listing) == "another" {
			running = "sha256:" + strings.Repeat("0", 64)
		}
		fmt.Printf("registry.example.com/rates@%s\n", running)
		return nil
	}
	return unknown("az", args)
}

func startsWith(args []string, words ...string) bool {
	return strings.HasPrefix(strings.Join(args, " ")+" ", strings.Join(words, " ")+" ")
}

// login is after the plan and before the apply, which is where somebody may change
// the environment.
func login(w place, environment string) error {
	if w.read("set", betweenPlanAndApply) != environment {
		return nil
	}
	return resize(w, environment, "small", "large")
}

// resize changes an environment behind the back of Terraform.
func resize(w place, environment, from, to string) error {
	state := w.read(environment, "state")
	changed := strings.ReplaceAll(state, `"`+from+`"`, `"`+to+`"`)
	if changed == state {
		return fmt.Errorf("%s is not %s", environment, from)
	}
	return w.write(changed, environment, "state")
}

func importImage(w place, environment, source, image string) error {
	digest := digestOf(source)
	if w.read("registry", digest, "commit") == "" {
		return fmt.Errorf("there is no image %s", source)
	}
	if w.read("set", importing) == "another" {
		digest = "sha256:" + strings.Repeat("0", 64)
	}
	return w.write(digest, environment, "images", image)
}

// imported returns the program of an image that an environment has.
func imported(w place, environment, digest string) (string, error) {
	files, err := os.ReadDir(w.at(environment, "images"))
	for _, file := range files {
		if w.read(environment, "images", file.Name()) == digest {
			return w.at("registry", digest, "rates"), nil
		}
	}
	return "", fmt.Errorf("the registry of %s has no image %s: %w", environment, digest, err)
}

// azure is what Azure does when Terraform creates a job or a service.
func azure(w place, args []string) error {
	action, environment, digest := args[0], args[1], args[2]
	program, err := imported(w, environment, digest)
	if err != nil {
		return err
	}
	switch action {
	case "job":
		return w.write(program+" "+args[3], environment, "job")
	case "serve":
		return serve(w, environment, program, digest)
	}
	return unknown("azure", args)
}

// startJob migrates. After the first migration it imports the seed data too, which a
// person does on Azure.
func startJob(w place, environment string) error {
	program, version, _ := strings.Cut(w.read(environment, "job"), " ")
	commands := [][]string{{"migrate", "--to=" + version}}
	if w.read(environment, "execution") == "" {
		commands = append(commands, []string{"import", w.at("repository", "db", "rates.sql")})
	}
	status := "Succeeded"
	for _, args := range commands {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "DATABASE_URL="+w.read(environment, "owner"))
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			status = "Failed"
			break
		}
	}
	fmt.Println("run-1")
	return w.write(status, environment, "execution")
}

// serve starts the service in the place of the one that runs, and leaves it running.
func serve(w place, environment, program, digest string) error {
	stop(w.at(environment, "pid"))
	log, err := os.Create(w.at(environment, "log"))
	if err != nil {
		return err
	}
	cmd := exec.Command(program, "serve")
	cmd.Env = []string{
		"DATABASE_URL=" + w.read(environment, "reader"), "RATES_ADDR=127.0.0.1:" + w.read(environment, "port"), "RATES_ADMIN_ADDR=off",
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := w.write(strconv.Itoa(cmd.Process.Pid), environment, "pid"); err != nil {
		return err
	}
	return w.write(digest, environment, "running")
}
