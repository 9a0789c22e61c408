package bounce

const failedPhrases = `
	delivery failed
	delivery failure
	delivery has failed
	delivery to the following recipient
	delivery error
	attempting to deliver
	attempted to deliver
	requested action not taken
	recipient name is not recognized
	invalid recipient
	invalid user
	invalid address
	delivery problem
	delivery unsuccessful
	delivery status notification (failure)
	delivery notification: delivery has failed
	delivery report
	failed delivery
	failure delivery
	failure notice
	failure to deliver
	failed to deliver
	failed to reach
	failed mail
	failed recipient
	undeliverable
	undelivered mail
	undelivered message
	nondeliverable
	non-deliverable
	non deliverable
	non-delivery
	non delivery
	not deliverable
	returned mail
	returned message
	returned to sender
	returning message to sender
	returning your mail
	return to sender
	could not be delivered
	couldn't be delivered
	can not be delivered
	cannot be delivered
	can't be delivered
	was not delivered
	wasn't delivered
	were not delivered
	not been delivered
	message not delivered
	not delivered to
	could not deliver
	couldn't deliver
	cannot deliver
	unable to deliver
	unable to send
	not able to deliver
	wasn't able to deliver
	was not able to deliver
	unable to be delivered
	error delivering
	problem delivering
	did not reach
	didn't reach
	could not be sent
	could not reach
	mail system error
	mail error
	mail failure
	message failed
	message rejected
	message blocked
	message you sent blocked
	was blocked
	has been blocked
	was rejected
	been rejected
	were rejected
	rejected by
	rejected your
	addresses had permanent
	addresses failed
	address not found
	address couldn't be found
	address could not be found
	user unknown
	unknown user
	unknown address
	no such user
	is unknown
	mailbox unavailable
	mailbox is full
	mailbox full
	does not like recipient
	was undeliverable
	is undeliverable
	returned unsent
	transaction failed
	bounced mail
	bounce message
	unzustellbar
	nicht zustellbar
	nicht zugestellt
	konnte nicht zugestellt
	zustellung fehlgeschlagen
	zustellung ist fehlgeschlagen
	zustellung nicht möglich
	fehler bei der zustellung
	fehlgeschlagene zustellung
	zustellfehler
	zustellungsfehler
	nicht ausgeliefert
	n'a pas pu être remis
	n'a pas pu être délivré
	n'a pas pu être distribué
	n'a pas pu être livré
	n'a pas pu être envoyé
	n'a pas été remis
	n'a pas été délivré
	n'a pas été distribué
	n'a pu être remis
	n'ont pas pu être remis
	échec de la remise
	échec de remise
	échec de la distribution
	échec de distribution
	échec de livraison
	echec de la remise
	echec de remise
	impossible de remettre
	impossible de délivrer
	impossible de distribuer
	non remis
	non distribuable
	message non délivré
	message non distribué
	retour à l'expéditeur
	no se pudo entregar
	no se ha podido entregar
	no se puede entregar
	no se entregó
	no pudo ser entregado
	no ha podido ser entregado
	no puede ser entregado
	no ha sido entregado
	error de entrega
	error en la entrega
	fallo de entrega
	fallo en la entrega
	entrega fallida
	mensaje no entregado
	devuelto al remitente
	no entregable
	non è stato possibile recapitare
	non è stato possibile consegnare
	non è stato recapitato
	non è stato consegnato
	non può essere recapitato
	non può essere consegnato
	impossibile recapitare
	impossibile consegnare
	mancato recapito
	mancata consegna
	consegna non riuscita
	consegna fallita
	recapito non riuscito
	non recapitabile
	errore di consegna
	errore nella consegna
	não pôde ser entregue
	não pode ser entregue
	não foi entregue
	não foi possível entregar
	nao foi possivel entregar
	nao pode ser entregue
	não entregue
	não pôde entregar
	falha na entrega
	falha de entrega
	falha ao entregar
	erro de entrega
	erro na entrega
	devolvido ao remetente
	kan niet worden bezorgd
	kon niet worden bezorgd
	niet worden bezorgd
	niet bezorgd
	niet worden afgeleverd
	niet afgeleverd
	onbestelbaar
	bezorging mislukt
	bezorging is mislukt
	aflevering mislukt
	nie można dostarczyć
	nie można było dostarczyć
	nie udało się dostarczyć
	nie dostarczono
	nie została dostarczona
	nie zostanie dostarczona
	nie mogła zostać dostarczona
	nie mógł zostać dostarczony
	niedostarczon
	niepowodzenie dostarczenia
	błąd dostarczania
	błąd dostarczenia
	не доставлен
	не было доставлено
	не может быть доставлен
	не могло быть доставлено
	не удалось доставить
	не удаётся доставить
	не удается доставить
	невозможно доставить
	недоставлен
	ошибка доставки
	сбой доставки
	доставка не удалась
	не вдалося доставити
	неможливо доставити
	не доставлено
	配信不能
	配信できません
	配信に失敗
	配信エラー
	配信されませんでした
	配送できません
	配送不能
	配送に失敗
	配達できません
	送信できません
	送信エラー
	送信に失敗
	送達できません
	届きませんでした
	届けられません
	お届けできません
	あて先不明
	宛先不明
	宛先が見つかりません
	エラーメール
	メールエラー
	エラー通知
	戻されました
	返送
	无法送达
	无法投递
	无法传递
	无法发送
	未送达
	未能送达
	未传递
	投递失败
	递送失败
	发送失败
	退信
	退回
	無法送達
	無法投遞
	無法傳遞
	無法傳送
	傳送失敗
	投遞失敗
	寄送失敗
	未送達
	배달되지 않
	배달할 수 없
	배달 실패
	전달되지 않
	전달할 수 없
	전송 실패
	발송 실패
	반송
	kunde inte levereras
	kunde inte skickas
	kan inte levereras
	gick inte att leverera
	inte levererats
	leveransfel
	misslyckad leverans
	kunne ikke leveres
	kunne ikke afleveres
	kan ikke leveres
	ikke leveret
	ikke levert
	leveringsfejl
	leveringsfeil
	ei voitu toimittaa
	ei voida toimittaa
	ei toimitettu
	toimitus epäonnistui
	nelze doručit
	nebylo možné doručit
	nepodařilo se doručit
	nebyla doručena
	doručení se nezdařilo
	nedoručiteln
	nedoručen
	nepodarilo sa doručiť
	kézbesíthetetlen
	kézbesítése sikertelen
	nem kézbesíthető
	nem sikerült kézbesíteni
	nem lehet kézbesíteni
	nu a putut fi livrat
	nu poate fi livrat
	nu a fost livrat
	teslim edilemedi
	teslim edilemiyor
	iletilemedi
	gönderilemedi
	δεν ήταν δυνατή η παράδοση
	δεν παραδόθηκε
	αποτυχία παράδοσης
	تعذر تسليم
	تعذر التسليم
	فشل التسليم
	لم يتم تسليم
	לא ניתן למסור
	לא נמסרה
	לא ניתן היה למסור
`
