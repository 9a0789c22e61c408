package cli

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"unspoof/dmarc"
	"unspoof/spf"
)

// TestPlanJSONDocumented: every field that these verbs print stands in
// docs/plan-json.md, but for those of parts that the page says are another verb's.
func TestPlanJSONDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/plan-json.md")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := map[reflect.Type]bool{reflect.TypeFor[spf.Cost](): true, reflect.TypeFor[spf.Difference](): true, reflect.TypeFor[dmarc.URI](): true, reflect.TypeFor[spf.Count](): true}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || elsewhere[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case name == "-" || !f.IsExported() && !f.Anonymous:
				continue
			case name == "" && !f.Anonymous:
				t.Errorf("%s.%s has no name in JSON", typ, f.Name)
			case name != "" && !strings.Contains(string(page), "`"+name+"`"):
				t.Errorf("%s.%s: `%s` is not documented", typ, f.Name, name)
			}
			walk(f.Type)
		}
	}
	for _, printed := range []any{planJSON{}, buildJSON{}, dkimSetupJSON{}, dmarcBuildJSON{}, parkedJSON{}, stsJSON{}, tlsRPTJSON{}} {
		walk(reflect.TypeOf(printed))
	}
}
