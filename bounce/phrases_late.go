package bounce

const finalPhrases = `
	permanent error
	permanent fatal error
	permanent failure
	failed permanently
	permanently failed
	fatal error
	given up
	giving up
	gave up
	not going to try again
	will not be retried
	no further attempts
	no more attempts
	retry time not reached
	retry timeout exceeded
	message expired
	too long in queue
	in the queue too long
	in queue too long
	has expired
	endgültig
	dauerhafter fehler
	permanenter fehler
	erreur permanente
	erreur définitive
	error permanente
	errore permanente
	erro permanente
	permanente fout
	błąd trwały
	trwały błąd
	окончательн
	постоянная ошибка
`

const delayedPhrases = `
	has been delayed
	is delayed
	was delayed
	been temporarily delayed
	delivery status notification (delay)
	delivery delayed
	message delayed
	delayed mail
	delay reason
	delivery delay
	temporarily deferred
	still being retried
	will be retried
	will retry for
	will retry until
	will keep trying
	will continue to try
	will continue trying
	attempts will continue
	keep trying until
	not yet been delivered
	not been delivered yet
	not yet delivered
	still undelivered
	still not delivered
	still in the queue
	could not send message for past
	warning message only
	warning only
	do not need to resend
	don't need to resend
	no action is required on your part
	temporary problem delivering
	delivery incomplete
	noch nicht zugestellt
	noch nicht ausgeliefert
	zustellung verzögert
	zustellung verzögert sich
	verzögerte zustellung
	verzögerung bei der zustellung
	weitere zustellversuche
	n'a pas encore été remis
	n'a pas encore été délivré
	n'a pas encore été distribué
	remise retardée
	retard de remise
	distribution retardée
	aún no se ha entregado
	todavía no se ha entregado
	entrega retrasada
	entrega demorada
	retraso en la entrega
	non è ancora stato recapitato
	non è ancora stato consegnato
	consegna ritardata
	ritardo nella consegna
	ainda não foi entregue
	entrega atrasada
	atraso na entrega
	nog niet bezorgd
	nog niet afgeleverd
	bezorging vertraagd
	bezorging is vertraagd
	vertraging bij
	nie została jeszcze dostarczona
	opóźnienie dostarczenia
	opóźnienie w dostarczaniu
	ещё не доставлен
	еще не доставлен
	пока не доставлен
	доставка задерж
	задержка доставки
	まだ配信されていません
	まだ配送されていません
	配信が遅れ
	配信の遅延
	配信が遅延
	配送が遅延
	尚未送达
	尚未送達
	尚未投递
	延迟送达
	传递延迟
	傳遞延遲
	投递延迟
	배달이 지연
	전달이 지연
	har försenats
	har fördröjts
	ännu inte levererats
	endnu ikke leveret
	er forsinket
	ennå ikke levert
	on viivästynyt
	dosud nebyla doručena
	doručení bylo zpožděno
	doručení se opozdilo
`

const delayWords = `
	delay
	deferred
	warning: message
	warning: could not send
	warnung: nachricht
	verzögert
	verzögerung
	retardé
	retard
	différé
	retrasad
	retraso
	demora
	ritardo
	ritardat
	atraso
	atrasad
	adiada
	vertraagd
	vertraging
	opóźni
	задерж
	отложен
	затримк
	遅延
	遅れ
	延迟
	延遲
	延误
	지연
	försen
	fördröj
	forsink
	viiväst
	zpožd
	odložen
	késik
	késlelte
	gecik
	καθυστέρη
	تأخير
`
