// The server under question: starts etcd and kube-apiserver on 127.0.0.1, and talks to them.
package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type cluster struct {
	server   string
	client   *http.Client
	children []*exec.Cmd
	kinds    map[string]map[string]resource // by apiVersion, then kind
	expected []object                       // definitions that will be served in a moment
	round    int                            // of the sentinel
}

type resource struct {
	plural     string
	namespaced bool
}

type response struct {
	code     int
	body     object
	warnings []string
	auditID  string
}

func (r *response) message() string {
	text, _ := r.body["message"].(string)
	return text
}

func nameOf(o object) string {
	metadata, _ := o["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name
}

func namespaceOf(o object) string {
	metadata, _ := o["metadata"].(map[string]any)
	if namespace, _ := metadata["namespace"].(string); namespace != "" {
		return namespace
	}
	return "default"
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (c *cluster) launch(state, program string, args ...string) error {
	out, err := os.Create(filepath.Join(state, filepath.Base(program)+".log"))
	if err != nil {
		return err
	}
	defer out.Close()
	command := exec.Command(program, args...)
	command.Dir, command.Stdout, command.Stderr = state, out, out
	if err := command.Start(); err != nil {
		return err
	}
	c.children = append(c.children, command)
	return nil
}

// Ends what `start` started, the last first; may be called twice.
func (c *cluster) stop() error {
	for i := len(c.children) - 1; i >= 0; i-- {
		child := c.children[i]
		child.Process.Signal(syscall.SIGTERM)
		done := make(chan struct{})
		go func() { child.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			child.Process.Kill()
			<-done
		}
	}
	c.children = nil
	return nil
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update]
`

func start(programs, state string) (*cluster, error) {
	files, err := makeCertificates(state)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(state, "audit.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return nil, err
	}
	var ports [3]int
	for i := range ports {
		if ports[i], err = freePort(); err != nil {
			return nil, err
		}
	}
	store := "https://127.0.0.1:" + strconv.Itoa(ports[0])
	peer := "https://127.0.0.1:" + strconv.Itoa(ports[1])
	c := &cluster{server: "https://127.0.0.1:" + strconv.Itoa(ports[2]), kinds: map[string]map[string]resource{}}
	c.client = &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: files.pool, Certificates: []tls.Certificate{files.tester}}}}

	err = c.launch(state, filepath.Join(programs, "etcd"), "--name", "recorder", "--data-dir", "store", "--unsafe-no-fsync",
		"--listen-client-urls", store, "--advertise-client-urls", store, "--listen-peer-urls", peer,
		"--initial-advertise-peer-urls", peer, "--initial-cluster", "recorder="+peer, "--log-level", "error",
		"--client-cert-auth", "--trusted-ca-file", "ca.crt", "--cert-file", "server.crt", "--key-file", "server.key",
		"--peer-client-cert-auth", "--peer-trusted-ca-file", "ca.crt", "--peer-cert-file", "server.crt", "--peer-key-file", "server.key")
	if err != nil {
		return nil, err
	}
	err = c.launch(state, filepath.Join(programs, "kube-apiserver"),
		"--etcd-servers", store, "--etcd-cafile", "ca.crt", "--etcd-certfile", "server.crt", "--etcd-keyfile", "server.key",
		"--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", strconv.Itoa(ports[2]),
		"--endpoint-reconciler-type", "none", "--tls-cert-file", "server.crt", "--tls-private-key-file", "server.key",
		"--client-ca-file", "ca.crt", "--service-cluster-ip-range", "10.0.0.0/24", "--authorization-mode", "RBAC",
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", "accounts.pub",
		"--service-account-signing-key-file", "accounts.key", "--allow-privileged",
		"--audit-log-path", "audit.log", "--audit-policy-file", "audit.yaml")
	if err != nil {
		c.stop()
		return nil, err
	}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		answer, err := c.client.Get(c.server + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return c, nil
			}
		}
		if time.Now().After(deadline) {
			c.stop()
			log, _ := os.ReadFile(filepath.Join(state, "kube-apiserver.log"))
			return nil, fmt.Errorf("the API server does not become ready: %v\n%s", err, log[max(0, len(log)-4000):])
		}
	}
}

func (c *cluster) do(method, path string, body any, as *user) (*response, error) {
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, c.server+path, in)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if as != nil {
		request.Header.Set("Impersonate-User", as.User)
		if as.UID != "" {
			request.Header.Set("Impersonate-Uid", as.UID)
		}
		for _, group := range as.Groups {
			request.Header.Add("Impersonate-Group", group)
		}
		for key, values := range as.Extra {
			for _, value := range values {
				request.Header.Add("Impersonate-Extra-"+url.PathEscape(key), value)
			}
		}
	}
	answer, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	r := &response{code: answer.StatusCode, auditID: answer.Header.Get("Audit-Id")}
	if err := json.Unmarshal(text, &r.body); err != nil {
		r.body = object{"message": strings.TrimSpace(string(text))}
	}
	for _, warning := range answer.Header.Values("Warning") { // 299 - "text"
		if unquoted, err := strconv.Unquote(strings.TrimPrefix(warning, "299 - ")); err == nil {
			warning = unquoted
		}
		r.warnings = append(r.warnings, warning)
	}
	return r, nil
}

// Where objects of this one's kind live.
func (c *cluster) path(o object) (string, error) {
	version, _ := o["apiVersion"].(string)
	kind, _ := o["kind"].(string)
	root := "/apis/" + version
	if !strings.Contains(version, "/") {
		root = "/api/" + version
	}
	found, ok := c.kinds[version][kind]
	for deadline := time.Now().Add(20 * time.Second); !ok; found, ok = c.kinds[version][kind] {
		r, err := c.do("GET", root, nil, nil)
		if err != nil {
			return "", err
		}
		c.kinds[version] = map[string]resource{}
		list, _ := r.body["resources"].([]any)
		for _, item := range list {
			entry := item.(map[string]any)
			plural := entry["name"].(string)
			if !strings.Contains(plural, "/") {
				c.kinds[version][entry["kind"].(string)] = resource{plural, entry["namespaced"].(bool)}
			}
		}
		if _, there := c.kinds[version][kind]; there {
			continue
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("the API server has no %s %s", version, kind)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if found.namespaced {
		root += "/namespaces/" + namespaceOf(o)
	}
	return root + "/" + found.plural, nil
}

func query(dryRun bool, validation string) string {
	out := "?fieldValidation=" + validation
	if dryRun {
		out += "&dryRun=All"
	}
	return out
}

func (c *cluster) create(o object, dryRun bool, as *user, validation string) (*response, error) {
	path, err := c.path(o)
	if err != nil {
		return nil, err
	}
	return c.do("POST", path+query(dryRun, validation), o, as)
}

func (c *cluster) replace(o object, as *user, validation string) (*response, error) {
	path, err := c.path(o)
	if err != nil {
		return nil, err
	}
	return c.do("PUT", path+"/"+nameOf(o)+query(true, validation), o, as)
}

func (c *cluster) remove(o object) error {
	path, err := c.path(o)
	if err != nil {
		return err
	}
	r, err := c.do("DELETE", path+"/"+nameOf(o)+"?gracePeriodSeconds=0", nil, nil)
	if err != nil {
		return err
	}
	if o["kind"] == "Namespace" { // nobody else would clear its finalizer
		r, err = c.do("PUT", path+"/"+nameOf(o)+"/finalize", object{"apiVersion": "v1", "kind": "Namespace",
			"metadata": object{"name": nameOf(o)}, "spec": object{}}, nil)
		if err != nil {
			return err
		}
	}
	if r.code >= 300 {
		return fmt.Errorf("%s %s is not deleted: %s", o["kind"], nameOf(o), r.message())
	}
	return nil
}

// Creates or replaces what every case finds there.
func (c *cluster) ensure(o object) error {
	r, err := c.create(o, false, nil, "Strict")
	if err == nil && r.code == http.StatusConflict {
		r, err = c.replaceForReal(o)
	}
	if err != nil {
		return err
	}
	if r.code >= 300 {
		return fmt.Errorf("cluster.yaml: %s %s: %s", o["kind"], nameOf(o), r.message())
	}
	if o["kind"] == "CustomResourceDefinition" {
		c.expect(o)
		return c.waitForDefinitions()
	}
	return nil
}

func (c *cluster) replaceForReal(o object) (*response, error) {
	path, err := c.path(o)
	if err != nil {
		return nil, err
	}
	return c.do("PUT", path+"/"+nameOf(o), o, nil)
}

func (c *cluster) expect(definition object) { c.expected = append(c.expected, definition) }

func (c *cluster) waitForDefinitions() error {
	for _, definition := range c.expected {
		spec := definition["spec"].(map[string]any)
		kind := spec["names"].(map[string]any)["kind"]
		for _, version := range spec["versions"].([]any) {
			if served, _ := version.(map[string]any)["served"].(bool); !served {
				continue
			}
			custom := object{"apiVersion": fmt.Sprint(spec["group"], "/", version.(map[string]any)["name"]), "kind": kind}
			path, err := c.path(custom)
			if err != nil {
				return err
			}
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
				r, err := c.do("GET", path, nil, nil)
				if err != nil {
					return err
				}
				if r.code < 300 {
					break
				}
				if time.Now().After(deadline) {
					return fmt.Errorf("%v is not served: %s", kind, r.message())
				}
			}
		}
	}
	c.expected = nil
	return nil
}

// Policies and bindings are seen in the order in which they were made: once a sentinel that was made last
// warns, everything before it is active (and what was deleted before is gone).
func (c *cluster) waitForPolicies() error {
	c.round++
	name := "sentinel-" + strconv.Itoa(c.round)
	policy := object{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": object{"name": name},
		"spec": object{
			"matchConstraints": object{"resourceRules": []any{object{"apiGroups": []any{"coordination.k8s.io"}, "apiVersions": []any{"v1"},
				"resources": []any{"leases"}, "operations": []any{"CREATE"}, "resourceNames": []any{name}}}},
			"validations": []any{object{"expression": "false"}}}}
	binding := object{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": object{"name": name},
		"spec": object{"policyName": name, "validationActions": []any{"Warn"}}}
	for _, o := range []object{policy, binding} {
		r, err := c.create(o, false, nil, "Strict")
		if err != nil {
			return err
		}
		if r.code >= 300 {
			return fmt.Errorf("the sentinel is refused: %s", r.message())
		}
	}
	probe := object{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": object{"name": name, "namespace": "kube-system"}}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r, err := c.create(probe, true, nil, "Strict")
		if err != nil {
			return err
		}
		if strings.Contains(strings.Join(r.warnings, " "), "ValidatingAdmissionPolicy '"+name+"'") {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("policies do not become active")
		}
	}
	for _, o := range []object{binding, policy} {
		if err := c.remove(o); err != nil {
			return err
		}
	}
	return nil
}
