package main

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// catalogue is the file, its fields as explained at its head.
type catalogue struct {
	SharedSelectors []string  `yaml:"shared_selectors"`
	Bogus           []bogus   `yaml:"bogus"`
	Services        []service `yaml:"services"`
}

type bogus struct {
	Host      string `yaml:"host"`
	Service   string `yaml:"service"`
	Confirmed bool   `yaml:"confirmed"`
}

type service struct {
	ID         string   `yaml:"id"`
	Name       string   `yaml:"name"`
	Category   string   `yaml:"category"`
	Aliases    []string `yaml:"aliases"`
	RunsOn     string   `yaml:"runs_on"`
	Includes   []string `yaml:"includes"`
	Legacy     []string `yaml:"legacy"`
	Pick       string   `yaml:"pick"`
	Term       string   `yaml:"term"`
	MX         []string `yaml:"mx"`
	Reverse    []string `yaml:"rdns"`
	Submission []string `yaml:"submission"`
	Selectors  []string `yaml:"selectors"`
	OldNames   []string `yaml:"old_selectors"`
	DKIM       string   `yaml:"dkim"`
	Targets    []string `yaml:"targets"`
	OldTargets []string `yaml:"old_targets"`
	ReturnPath string   `yaml:"return_path"`
	SPF        string   `yaml:"spf"`
	Note       string   `yaml:"note"`
	Docs       []string `yaml:"docs"`
	Confidence string   `yaml:"confidence"`
	Unverified []string `yaml:"unverified"`
}

// read decodes strictly, so that a misspelt field is an error, and fills in the
// defaults.
func read(text []byte) (*catalogue, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	var c catalogue
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	for i := range c.Services {
		s := &c.Services[i]
		if s.Pick == "" {
			s.Pick = "all"
		}
		if s.Term == "" {
			s.Term = "include"
		}
		if s.DKIM == "" {
			s.DKIM = "unknown"
		}
	}
	return &c, nil
}
