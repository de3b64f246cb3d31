// Triage of mail: each mail is classified and routed. It prints one trace a line, without an SDK.
//
// Run it as `go run app.go | bt import -p mail`. The model and the clock are simulated.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type Object map[string]any

// Span is one node of a trace; spans made by its work are its Children.
type Span struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Input    any      `json:"input"`
	Output   any      `json:"output,omitempty"`
	Error    string   `json:"error,omitempty"`
	Metadata Object   `json:"metadata,omitempty"`
	Metrics  Object   `json:"metrics"`
	Tags     []string `json:"tags,omitempty"`
	Children []*Span  `json:"children,omitempty"`
}

var (
	now    = 1767268800.0 // the simulated clock, in epoch seconds
	topics = map[string]string{"invoice": "billing", "password": "account"}
	mails  = []string{
		"My invoice lists \"Café Nord\" <twice>.\nPlease fix it 🙏",
		"I forgot my password & my e-mail",
		"Do you like jazz?",
	}
)

// Run does the work of a new child and records what came of it.
func (s *Span) Run(name, kind string, input any, work func(*Span) (any, error)) (any, error) {
	child := &Span{Name: name, Type: kind, Input: input, Metrics: Object{"start": now}}
	s.Children = append(s.Children, child)
	now += 0.25
	output, err := work(child)
	if err != nil {
		child.Error = err.Error()
	}
	child.Output, child.Metrics["end"] = output, now
	return output, err
}

func triage(span *Span, mail string) (any, error) {
	span.Tags = []string{"mail"}
	topic, _ := span.Run("classify", "task", mail, func(task *Span) (any, error) {
		words, _ := task.Run("split", "function", mail, func(*Span) (any, error) {
			return strings.Fields(strings.ToLower(mail)), nil
		})
		return task.Run("ask_model", "llm", words, func(call *Span) (any, error) {
			now += 0.5
			call.Metadata = Object{"model": "gpt-4o-mini", "temperature": 0}
			call.Metrics["prompt_tokens"], call.Metrics["completion_tokens"] = len(mail)/4, 1
			for _, word := range words.([]string) {
				if topic, known := topics[word]; known {
					return topic, nil
				}
			}
			return "other", nil
		})
	})
	return span.Run("route", "tool", topic, func(*Span) (any, error) {
		if topic == "other" {
			return nil, fmt.Errorf("no queue for topic %q", topic)
		}
		return Object{"queue": topic, "priority": 2}, nil
	})
}

func main() {
	lines := json.NewEncoder(os.Stdout)
	for _, mail := range mails {
		var trace Span
		_, _ = trace.Run("triage", "task", mail, func(root *Span) (any, error) {
			return triage(root, mail)
		})
		if err := lines.Encode(trace.Children[0]); err != nil {
			panic(err)
		}
	}
}
