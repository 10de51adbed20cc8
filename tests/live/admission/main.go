// Records what a real Kubernetes API server answers to the cases of tests/admission: which policies and
// definitions it refuses, which objects it denies, with which words. Called by ./record.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// A manifest, as JSON.
type object = map[string]any

// One document of a file of cases.
type testCase struct {
	Case    string   `json:"case"`
	About   string   `json:"about"`
	Given   []object `json:"given"`   // created before: policies, bindings, parameters, definitions …
	Objects []object `json:"objects"` // each created by a dry run
	Updates []struct {
		From object `json:"from"` // created for real, before the policies are
		To   object `json:"to"`   // replaces it by a dry run
	} `json:"updates"`
	As            *user  `json:"as"`            // who asks; a member of system:masters unless told
	UnknownFields string `json:"unknownFields"` // fieldValidation; Strict unless told
}

type user struct {
	User   string              `json:"user"`
	UID    string              `json:"uid"`
	Groups []string            `json:"groups"`
	Extra  map[string][]string `json:"extra"`
}

type answer struct {
	Verdict  string            `json:"verdict"`          // allowed, denied (by a policy), rejected (by something else)
	Policy   string            `json:"policy,omitempty"` // whose answer is reported
	Binding  string            `json:"binding,omitempty"`
	Message  string            `json:"message,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Warnings []string          `json:"warnings,omitempty"`
	Audit    map[string]string `json:"audit,omitempty"`
	auditID  string
}

type refusal struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

type caseAnswers struct {
	Case    string    `json:"case"`
	Refused []refusal `json:"refused,omitempty"`
	Objects []*answer `json:"objects,omitempty"`
	Updates []*answer `json:"updates,omitempty"`
}

func documents(path string) ([][]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var parts [][]byte
	for _, part := range regexp.MustCompile(`(?m)^---\n`).Split(string(text), -1) {
		var any object
		if err := yaml.Unmarshal([]byte(part), &any); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(any) > 0 {
			parts = append(parts, []byte(part))
		}
	}
	return parts, nil
}

func readCases(path string) ([]testCase, error) {
	parts, err := documents(path)
	if err != nil {
		return nil, err
	}
	var cases []testCase
	names := map[string]bool{}
	for _, part := range parts {
		var c testCase
		if err := yaml.UnmarshalStrict(part, &c); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if names[c.Case] {
			return nil, fmt.Errorf("%s: two cases are called %q", path, c.Case)
		}
		names[c.Case] = true
		cases = append(cases, c)
	}
	return cases, nil
}

var denial = regexp.MustCompile(`(?s)ValidatingAdmissionPolicy '([^']*)'(?: with binding '([^']*)')? denied request: (.*)$`)

func toAnswer(r *response) *answer {
	a := &answer{Warnings: r.warnings, auditID: r.auditID}
	if r.code < 300 {
		a.Verdict = "allowed"
		return a
	}
	a.Message = r.message()
	a.Reason, _ = r.body["reason"].(string)
	a.Verdict = "rejected"
	if match := denial.FindStringSubmatch(a.Message); match != nil {
		a.Verdict, a.Policy, a.Binding, a.Message = "denied", match[1], match[2], match[3]
	}
	return a
}

// Generated names and uids are not worth recording, nor could they be compared.
func stable(a *answer) *answer {
	a.Message = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).ReplaceAllString(a.Message, "UID")
	return a
}

func isPolicy(o object) bool {
	kind, _ := o["kind"].(string)
	return strings.HasPrefix(kind, "ValidatingAdmissionPolicy")
}

func runCase(c *cluster, test testCase) (*caseAnswers, error) {
	result := &caseAnswers{Case: test.Case}
	var made []object
	policies := false
	defer func() {
		for i := len(made) - 1; i >= 0; i-- {
			if err := c.remove(made[i]); err != nil {
				log.Printf("%s: %v", test.Case, err)
			}
		}
		if policies { // the next case must not meet these
			if err := c.waitForPolicies(); err != nil {
				log.Printf("%s: %v", test.Case, err)
			}
		}
	}()
	versions := map[string]string{}
	create := func(o object, refusable bool) error {
		r, err := c.create(o, false, nil, "Strict")
		if err != nil {
			return err
		}
		if r.code < 300 {
			made = append(made, o)
			if metadata, ok := r.body["metadata"].(map[string]any); ok {
				versions[nameOf(o)], _ = metadata["resourceVersion"].(string)
			}
			return nil
		}
		if !refusable {
			return fmt.Errorf("%s %s: %s", o["kind"], nameOf(o), r.message())
		}
		result.Refused = append(result.Refused, refusal{nameOf(o), r.message()})
		return nil
	}
	for _, update := range test.Updates {
		if err := create(update.From, false); err != nil {
			return nil, err
		}
	}
	for _, given := range test.Given {
		if err := create(given, isPolicy(given)); err != nil {
			return nil, err
		}
		policies = policies || isPolicy(given)
	}
	if policies {
		if err := c.waitForPolicies(); err != nil {
			return nil, err
		}
	}
	validation := test.UnknownFields
	if validation == "" {
		validation = "Strict"
	}
	for _, o := range test.Objects {
		r, err := c.create(o, true, test.As, validation)
		if err != nil {
			return nil, err
		}
		result.Objects = append(result.Objects, stable(toAnswer(r)))
	}
	for _, update := range test.Updates {
		update.To["metadata"].(map[string]any)["resourceVersion"] = versions[nameOf(update.To)]
		r, err := c.replace(update.To, test.As, validation)
		if err != nil {
			return nil, err
		}
		result.Updates = append(result.Updates, stable(toAnswer(r)))
	}
	return result, nil
}

// The server's audit log has the annotations of each request.
func addAudit(path string, all map[string][]*caseAnswers) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	annotations := map[string]map[string]string{}
	in := bufio.NewScanner(file)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	for in.Scan() {
		var event struct {
			AuditID     string            `json:"auditID"`
			Annotations map[string]string `json:"annotations"`
		}
		if err := json.Unmarshal(in.Bytes(), &event); err != nil {
			return err
		}
		for key := range event.Annotations {
			if strings.HasPrefix(key, "authorization.k8s.io/") || strings.HasPrefix(key, "apiserver.latency.k8s.io/") || strings.HasPrefix(key, "pod-security.kubernetes.io/") {
				delete(event.Annotations, key)
			}
		}
		annotations[event.AuditID] = event.Annotations
	}
	for _, cases := range all {
		for _, c := range cases {
			for _, a := range append(append([]*answer(nil), c.Objects...), c.Updates...) {
				if found := annotations[a.auditID]; len(found) > 0 {
					a.Audit = found
				}
			}
		}
	}
	return in.Err()
}

func write(path string, answers []*caseAnswers) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(answers); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func record(c *cluster, topic string, file string) ([]*caseAnswers, error) {
	cases, err := readCases(file)
	if err != nil {
		return nil, err
	}
	var results []*caseAnswers
	refused := map[string][]refusal{}
	if topic == "crds" { // all definitions at once: each takes a while to be served
		for i := range cases {
			var rest []object
			for _, given := range cases[i].Given {
				if given["kind"] != "CustomResourceDefinition" {
					rest = append(rest, given)
					continue
				}
				r, err := c.create(given, false, nil, "Strict")
				if err != nil {
					return nil, err
				}
				if r.code >= 300 {
					refused[cases[i].Case] = append(refused[cases[i].Case], refusal{nameOf(given), r.message()})
					continue
				}
				defer c.remove(given)
				c.expect(given)
			}
			cases[i].Given = rest
		}
		if err := c.waitForDefinitions(); err != nil {
			return nil, err
		}
	}
	for _, test := range cases {
		if len(refused[test.Case]) > 0 { // nothing of its kind can be asked about
			test.Objects, test.Updates = nil, nil
		}
		result, err := runCase(c, test)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, test.Case, err)
		}
		result.Refused = append(refused[test.Case], result.Refused...)
		for i, a := range append(append([]*answer(nil), result.Objects...), result.Updates...) {
			if a.Verdict == "rejected" && topic != "crds" {
				log.Printf("%s: %s: object %d is rejected: %s", filepath.Base(file), test.Case, i, a.Message)
			}
		}
		results = append(results, result)
	}
	return results, nil
}

func run() error {
	programs := flag.String("programs", "", "directory of kube-apiserver and etcd")
	cases := flag.String("cases", "", "directory of the cases")
	flag.Parse()
	topics := []string{"pairs", "crds"}
	var only []string
	if flag.NArg() > 0 {
		topics, only = flag.Args()[:1], flag.Args()[1:]
	}

	state, err := os.MkdirTemp("", "assay-api-server.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	c, err := start(*programs, state)
	if err != nil {
		return err
	}
	defer c.stop()
	setup, err := documents(filepath.Join(*cases, "cluster.yaml"))
	if err != nil {
		return err
	}
	for _, part := range setup {
		var o object
		if err := yaml.Unmarshal(part, &o); err != nil {
			return err
		}
		if err := c.ensure(o); err != nil {
			return err
		}
	}

	all := map[string][]*caseAnswers{}
	for _, topic := range topics {
		files, err := filepath.Glob(filepath.Join(*cases, topic, "*.yaml"))
		if err != nil {
			return err
		}
		for _, file := range files {
			stem := strings.TrimSuffix(filepath.Base(file), ".yaml")
			if len(only) > 0 && !strings.Contains(" "+strings.Join(only, " ")+" ", " "+stem+" ") {
				continue
			}
			results, err := record(c, topic, file)
			if err != nil {
				return err
			}
			all[strings.TrimSuffix(file, ".yaml")+".answers.json"] = results
			log.Printf("%s/%s: %d cases", topic, stem, len(results))
		}
	}
	if err := c.stop(); err != nil {
		return err
	}
	if err := addAudit(filepath.Join(state, "audit.log"), all); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for path, answers := range all {
		if err := write(path, answers); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
