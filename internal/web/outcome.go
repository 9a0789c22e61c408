package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"unspoof/inventory"
	"unspoof/plan"
)

// planView is the outcome of the wizard.
type planView struct {
	Subject   subject
	Plan      plan.Authoring
	Inventory inventory.Inventory
	Asked     asked
	Guard     []guarded
	Settled   bool   // nothing in Guard waits for a word
	Problem   string // why there is no plan
	Use       []string
	Drawn     *drawing
	Hidden    []pair // of the form in which senders are let go
	Edit      string // address of the first question
	Confirm   string // address that confirms that nothing sends
	Nothing   string // address for a domain that sends nothing, where nobody was ticked
}

// guarded is one sender that the record would shut out, and whether its owner has
// said that it may go.
type guarded struct {
	plan.ShutOut
	Domain    string // for which it may send
	Confirmed bool
	// Kept says that it stays in the record shown until then.
	Kept bool
	// Ticked says that its owner wants it, and that the record cannot let it in so.
	Ticked bool
}

// Who names it for people.
func (g guarded) Who() string {
	if g.Owner != "" {
		return g.Owner
	}
	return g.Name
}

func (s *Server) showPlan(w http.ResponseWriter, r *http.Request, about subject, a answers, given inventory.Given) error {
	v, err := s.author(r.Context(), about, a, given)
	if err != nil {
		return err
	}
	v.Asked = askedFor(r, v.Asked.Made)
	v.Edit = a.at(askMailboxes)
	if a.Parked || v.Plan.Parked {
		back := a
		back.Parked, back.Sure = false, false
		v.Edit = back.at(askMailboxes)
		a.Parked, a.Sure = true, true
		v.Confirm = a.at(showPlan)
	} else {
		a.Parked = true
		v.Nothing = a.at(showPlan)
		a.Parked = false
	}
	v.Hidden = append(hidden(a.values("drop")), pair{"q", showPlan})
	status := http.StatusOK
	if v.Problem != "" {
		status = http.StatusBadRequest
	}
	return s.render(w, status, "plan.html", v)
}

// author asks package plan for the whole plan. Senders that were not ticked stay in
// the record until their owner has said of each that it may go; nobody is ever let
// in who may not send today and was not ticked.
func (s *Server) author(ctx context.Context, about subject, a answers, given inventory.Given) (planView, error) {
	v := planView{Subject: about}
	if a.Parked {
		return v, s.park(ctx, &v, a)
	}
	res, err := s.survey(ctx, about, given)
	if err != nil {
		return v, err
	}
	v.Inventory, v.Asked.Made = res.Inventory, res.Made
	req := plan.Request{STSID: stsID(s.now())}
	req.SPF = plan.SPFRequest{Domain: about.Domain, Services: given.Services, Inventory: &v.Inventory}
	req.Reports = words(a.Reports) // none: as today, or what package plan proposes
	// First without all that were not ticked, to see who that would shut out.
	left := leftOut(v.Inventory, a)
	req.SPF.Drop = left
	trial, err := plan.BuildSPF(ctx, req.SPF, about.resolver)
	if err != nil && !unsettled(err) {
		v.Problem = sentence(err)
		return v, ctx.Err()
	}
	var gone []string
	v.Guard, gone = guard(trial.ShutOut, v.Inventory, left, a)
	v.Settled = !slices.ContainsFunc(v.Guard, func(g guarded) bool { return !g.Confirmed })
	if len(gone) < len(left) {
		// Who stays may let in others, too: those need no word.
		req.SPF.Drop = gone
		if trial, err = plan.BuildSPF(ctx, req.SPF, about.resolver); err != nil && !unsettled(err) {
			v.Problem = sentence(err)
			return v, ctx.Err()
		}
	}
	req.SPF.Drop = slices.Clone(gone)
	for _, one := range trial.ShutOut {
		if slices.Contains(a.Drop, one.Name) && !slices.Contains(gone, one.Name) {
			req.SPF.Drop = append(req.SPF.Drop, one.Name)
		}
	}
	v.Plan, err = plan.Author(ctx, req, about.resolver)
	if err != nil && !unsettled(err) {
		v.Problem = sentence(err)
		return v, ctx.Err()
	}
	if errors.Is(err, plan.ErrInUse) && v.Plan.Pack != nil { // nobody is named, and yet it is in use
		v.Use, v.Settled, v.Plan.Steps = v.Plan.Pack.Use, false, nil
	}
	v.Drawn = drawDifference(v.Plan.SPF.Diff)
	v.Drawn.explain(v.Plan.SPF.LeftOut)
	return v, ctx.Err()
}

// stsID is an id for an MTA-STS policy that is new at every second.
func stsID(now time.Time) string { return now.UTC().Format("20060102150405") }

// unsettled reports an error with which the plan is given all the same.
func unsettled(err error) bool {
	return errors.Is(err, plan.ErrLockOut) || errors.Is(err, plan.ErrTooManyLookups) || errors.Is(err, plan.ErrInUse)
}

// park makes the pack of a domain that sends nothing. What DNS shows of its use is
// to be confirmed first.
func (s *Server) park(ctx context.Context, v *planView, a answers) error {
	req := plan.ParkedRequest{Domain: v.Subject.Domain, Confirmed: a.Sure, Reports: words(a.Reports)}
	pack, err := plan.BuildParked(ctx, req, v.Subject.resolver)
	v.Use, v.Settled = pack.Use, true
	if errors.Is(err, plan.ErrInUse) {
		v.Settled = false
		v.Plan = plan.Authoring{Domain: pack.Domain, Zone: pack.Zone, Parked: true}
		return ctx.Err()
	}
	if err == nil {
		v.Plan, err = plan.Author(ctx, plan.Request{
			SPF: plan.SPFRequest{Domain: v.Subject.Domain, Parked: true, Confirmed: a.Sure}, Reports: words(a.Reports),
		}, v.Subject.resolver)
	}
	if err != nil {
		v.Problem = sentence(err)
	}
	return ctx.Err()
}

// leftOut are the keys of the senders that were asked about and not ticked.
func leftOut(inv inventory.Inventory, a answers) []string {
	var keys []string
	for _, s := range inv.Senders {
		if q := belongs(s); q != "" && s.Status != inventory.Hinted && !s.Given && !a.ticked(q, s) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// guard says who would be shut out, and gives the keys of the senders that the
// record leaves out now: those that may go, and those that may not send today.
func guard(list []plan.ShutOut, inv inventory.Inventory, left []string, a answers) (out []guarded, gone []string) {
	waits := map[string]bool{} // keys that stay in the record
	for _, one := range list {
		keys := behind(one, inv, left)
		g := guarded{ShutOut: one, Domain: inv.Domain, Confirmed: slices.Contains(a.Drop, one.Name), Ticked: len(keys) == 0}
		g.Kept = !g.Confirmed && !g.Ticked && len(one.Terms) > 0
		for _, key := range keys {
			waits[key] = waits[key] || g.Kept
		}
		out = append(out, g)
	}
	for _, key := range left {
		if !waits[key] {
			gone = append(gone, key)
		}
	}
	return out, gone
}

// behind gives the keys of those that were not ticked and that an entry stands for,
// none where it stands for one that was.
func behind(one plan.ShutOut, inv inventory.Inventory, left []string) (keys []string) {
	for _, s := range inv.Senders {
		if s.Key != one.Name && !slices.ContainsFunc(s.Terms, func(t string) bool { return slices.Contains(one.Terms, t) }) {
			continue
		}
		if !slices.Contains(left, s.Key) {
			return nil
		}
		keys = append(keys, s.Key)
	}
	return keys
}
