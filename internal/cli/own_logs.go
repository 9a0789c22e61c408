package cli

import (
	"errors"
	"os"
	"slices"
	"time"

	"unspoof/forensics"
	"unspoof/internal/maillog"
)

// addLogs reads the files of a server's log, and adds what left and what came in
// to the profile.
func (p *program) addLogs(prof *forensics.Profile, files []string, now time.Time) error {
	if len(files) == 0 {
		return nil
	}
	log, err := p.readLogs("--maillog", files, now, false)
	if err != nil {
		return err
	}
	prof.Inbound = append(prof.Inbound, log.Inbound...)
	joined, whole := joinLogs(prof.Log, log.Outbound)
	if !whole {
		p.complain("the log of the profile and --maillog cover different days or ways of sending; only what both cover is held to be complete")
	}
	prof.Log = &joined
	return nil
}

// readLogs reads the files of a server's log, oldest first, as the one log that
// they are. flag is the one that named them; of counted mail only the numbers are
// kept, see maillog.Reader.CountOnly.
func (p *program) readLogs(flag string, files []string, now time.Time, counted bool) (*maillog.Log, error) {
	var parts []*os.File
	written := time.Time{} // the latest of the files
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage(flag+": "+unread(name, err), "name the log of your mail server, /var/log/mail.log or /var/log/exim4/mainlog for instance; it may need the rights of an administrator")
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, usage(flag+": "+unread(name, err), "")
		}
		if info.IsDir() {
			return nil, usage(flag+": "+name+" is a folder", "name the files of the log in it, the oldest first: "+flag+" "+name+"/mail.log.1 "+flag+" "+name+"/mail.log")
		}
		if info.Mode().IsRegular() && info.ModTime().After(written) {
			written = info.ModTime()
		}
		if info.Mode().IsRegular() && info.Size() == 0 && len(files) > 1 { // rotated a moment ago
			p.complain("%s is empty", name)
			continue
		}
		parts = append(parts, f)
	}
	if len(parts) == 0 {
		return nil, usage(flag+": all of the files are empty", "")
	}
	// Stamps of syslog leave out the year: the file tells it better than today.
	if !written.IsZero() && written.Before(now) {
		now = written
	}
	// Its stamps are in the zone of the server, which is taken to be this one.
	reader := maillog.NewReader(now.In(time.Local))
	if counted {
		reader.CountOnly()
	}
	quiet := 0
	for _, f := range parts {
		err := reader.Add(f, f.Name())
		switch {
		case errors.Is(err, maillog.ErrNoMail) && quiet+1 < len(parts):
			quiet++
			p.complain("%s was left out: %v", f.Name(), maillog.ErrNoMail)
		case err != nil:
			return nil, usage(err.Error(), "")
		}
	}
	log := reader.Log()
	p.warn(log.Warnings)
	return log, nil
}

// joinLogs adds a log to that of the profile. The entries of both are true; the
// period and the paths say what is complete, so of these only what holds for
// both stays, unless they are alike and follow each other: evidence from absence
// must never rest on a gap. whole is false when something was given up.
func joinLogs(have *forensics.OutboundLog, more forensics.OutboundLog) (joined forensics.OutboundLog, whole bool) {
	if have == nil {
		return more, true
	}
	joined = forensics.OutboundLog{Entries: slices.Concat(have.Entries, more.Entries)}
	slices.SortStableFunc(joined.Entries, func(a, b forensics.Sent) int { return a.Time.Compare(b.Time) })
	a, b := slices.Sorted(slices.Values(have.Paths)), slices.Sorted(slices.Values(more.Paths))
	if slices.Equal(a, b) && !have.From.After(more.To) && !more.From.After(have.To) {
		joined.Paths, joined.From, joined.To = have.Paths, earlier(have.From, more.From), later(have.To, more.To)
		return joined, true
	}
	joined.From, joined.To = later(have.From, more.From), earlier(have.To, more.To)
	for _, path := range slices.Concat(have.Paths, more.Paths) {
		if !slices.Contains(joined.Paths, path) {
			joined.Paths = append(joined.Paths, path)
		}
	}
	if !joined.From.Before(joined.To) { // nothing that both cover: nothing is complete
		joined.From, joined.To, joined.Paths = time.Time{}, time.Time{}, nil
	}
	return joined, false
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
