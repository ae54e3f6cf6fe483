"""Words and phrases with which customers ask for somebody higher up, threaten, or leave.

One list for each language, written as customers write; a workspace may replace any of them. A word stands as
it is, in any case of letters; `*` at its end takes any ending (`cancel*`: cancelling, cancelled); several
words must follow one another. Accents count, so both ways of writing are listed where customers drop them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conversations.searching import Phrases

MOST = 500  # words and phrases of a list
LONGEST = 100  # characters of each


def _list(text: str) -> Phrases:
    return tuple(line.strip() for line in text.strip().splitlines())


ESCALATION: dict[str, Phrases] = {
    "en": _list("""
        speak to a manager
        speak to your manager
        speak with a manager
        speak to a supervisor
        speak to your supervisor
        speak with a supervisor
        talk to a manager
        talk to your manager
        talk to a supervisor
        talk to someone else
        speak to someone higher
        your manager
        your supervisor
        your boss
        get me a manager
        higher up
        escalat*
        formal complaint
        file a complaint
        make a complaint
        lodge a complaint
        ombudsman
        trading standards
        consumer protection
        better business bureau
        small claims
        my lawyer
        my solicitor
        my attorney
        legal action
        take you to court
        sue you
        report you
        charge back
        chargeback
        dispute the charge
        on social media
        all over social media
        leave a review
        one star
        unacceptable
        ridiculous
        disgusting service
        worst customer service
        worst service
        waste of time
        fed up
        sick and tired
        third time
        how many times
        still no reply
        nobody answers
        nobody is helping
    """),
    "de": _list("""
        ihren vorgesetzten
        ihrem vorgesetzten
        ihr vorgesetzter
        einen vorgesetzten
        einem vorgesetzten
        ihrem chef
        ihren chef
        ihrem teamleiter
        ihre teamleitung
        geschäftsführung
        geschäftsleitung
        beschwere mich
        beschweren
        beschwerde*
        eskalier*
        anwalt
        rechtsanwalt
        anwältin
        rechtliche schritte
        vor gericht
        anzeige erstatten
        verbraucherzentrale
        verbraucherschutz
        schlichtungsstelle
        ombudsmann
        bundesnetzagentur
        frist setzen
        letzte mahnung
        unverschämt*
        frechheit
        unfassbar
        eine zumutung
        inakzeptabel
        nicht akzeptabel
        unmöglicher service
        schlechter service
        schlechtester service
        zum dritten mal
        schon wieder
        wie oft noch
        zum wiederholten mal
        niemand antwortet
        keine antwort erhalten
        reicht mir jetzt
        stinksauer
        schlechte bewertung
        negative bewertung
    """),
    "fr": _list("""
        votre responsable
        un responsable
        votre supérieur
        votre superieur
        un supérieur
        un superieur
        votre manager
        votre chef
        votre direction
        porter plainte
        déposer plainte
        deposer plainte
        une réclamation
        une reclamation
        faire une réclamation
        mon avocat
        un avocat
        en justice
        tribunal
        mise en demeure
        médiateur
        mediateur
        défenseur des droits
        répression des fraudes
        dgccrf
        que choisir
        60 millions de consommateurs
        opposition au paiement
        sur les réseaux sociaux
        sur les reseaux sociaux
        avis négatif
        inadmissible
        inacceptable
        scandaleux
        honteux
        c'est une honte
        ras le bol
        j'en ai marre
        on se moque de moi
        vous vous moquez
        foutage de gueule
        troisième fois
        combien de fois
        toujours aucune réponse
        toujours pas de réponse
        personne ne répond
        escalad*
    """),
    "es": _list("""
        su supervisor
        un supervisor
        tu supervisor
        su superior
        un superior
        su jefe
        tu jefe
        un encargado
        el encargado
        un responsable
        su responsable
        hablar con alguien más
        hoja de reclamaciones
        hojas de reclamaciones
        poner una reclamación
        poner una queja
        presentar una queja
        presentar una reclamación
        voy a reclamar
        denunciar*
        una denuncia
        mi abogado
        mi abogada
        acciones legales
        por la vía legal
        a juicio
        los tribunales
        oficina del consumidor
        facua
        profeco
        ocu
        defensor del pueblo
        en redes sociales
        en las redes sociales
        por redes sociales
        mala reseña
        inaceptable
        inadmisible
        una vergüenza
        una verguenza
        una tomadura de pelo
        es una burla
        estoy harto
        estoy harta
        pésimo servicio
        pesimo servicio
        el peor servicio
        tercera vez
        cuántas veces
        cuantas veces
        nadie responde
        nadie me responde
        nadie contesta
        sin respuesta
        escalar*
    """),
    "nl": _list("""
        uw leidinggevende
        je leidinggevende
        een leidinggevende
        uw manager
        je manager
        uw baas
        je baas
        een supervisor
        uw supervisor
        iemand anders spreken
        een klacht
        klacht indienen
        formele klacht
        officiële klacht
        klachtencommissie
        geschillencommissie
        consumentenbond
        ombudsman
        autoriteit consument
        mijn advocaat
        een advocaat
        rechtsbijstand
        juridische stappen
        naar de rechter
        ingebrekestelling
        aangifte
        op sociale media
        op social media
        slechte recensie
        slechte review
        onacceptabel
        belachelijk
        schandalig
        schandalige
        te gek voor woorden
        slechte service
        slechtste service
        waardeloze service
        helemaal klaar mee
        ben er klaar mee
        ik ben het zat
        derde keer
        hoe vaak nog
        nog steeds geen antwoord
        nog steeds geen reactie
        niemand reageert
        escaleren
        escalatie
    """),
    "pt": _list("""
        seu supervisor
        um supervisor
        seu gerente
        um gerente
        o gerente
        seu superior
        um superior
        seu chefe
        um responsável
        o responsável
        falar com outra pessoa
        livro de reclamações
        livro de reclamacoes
        fazer uma reclamação
        abrir uma reclamação
        reclame aqui
        reclameaqui
        procon
        anatel
        consumidor.gov
        ouvidoria
        provedor do cliente
        meu advogado
        minha advogada
        um advogado
        medidas legais
        medidas judiciais
        ação judicial
        na justiça
        pequenas causas
        processar vocês
        vou processar
        nas redes sociais
        inaceitável
        inaceitavel
        inadmissível
        um absurdo
        uma vergonha
        falta de respeito
        estou farto
        estou farta
        cansado de esperar
        cansada de esperar
        péssimo atendimento
        pessimo atendimento
        pior atendimento
        terceira vez
        quantas vezes
        ninguém responde
        ninguem responde
        ninguém resolve
        ninguem resolve
        sem resposta
        palhaçada
    """),
    "it": _list("""
        il suo responsabile
        un responsabile
        il responsabile
        il vostro responsabile
        un superiore
        il suo superiore
        un supervisore
        il direttore
        il suo capo
        parlare con qualcun altro
        un reclamo
        reclamo formale
        fare reclamo
        sporgere reclamo
        sporgere denuncia
        una denuncia
        denunciar*
        il mio avvocato
        un avvocato
        mio legale
        vie legali
        azioni legali
        azione legale
        in tribunale
        diffida
        messa in mora
        associazione consumatori
        associazioni dei consumatori
        altroconsumo
        codacons
        agcom
        corecom
        sui social
        recensione negativa
        inaccettabile
        inammissibile
        vergognoso
        una vergogna
        una presa in giro
        mi prendete in giro
        sono stufo
        sono stufa
        pessimo servizio
        peggior servizio
        terza volta
        quante volte
        nessuno risponde
        nessuna risposta
        ancora nessuna risposta
        escalation
    """),
}

CANCELLATION: dict[str, Phrases] = {
    "en": _list("""
        cancel my account
        cancel my subscription
        cancel my membership
        cancel my contract
        cancel my plan
        cancel my service
        cancel my order
        cancel the subscription
        cancel the contract
        cancel the service
        cancel everything
        want to cancel
        like to cancel
        need to cancel
        going to cancel
        how do i cancel
        how can i cancel
        i am cancelling
        i'm cancelling
        i am canceling
        i'm canceling
        close my account
        delete my account
        deactivate my account
        terminate my contract
        end my contract
        end my subscription
        stop my subscription
        unsubscribe
        don't want to renew
        do not renew
        not renewing
        turn off auto renew
        switch to another
        switching to another
        switch provider
        switching provider
        change provider
        going elsewhere
        go elsewhere
        take my business elsewhere
        leaving you
        moving to a competitor
        your competitor
    """),
    "de": _list("""
        kündig*
        kuendig*
        gekündigt
        vertrag beenden
        vertrag auflösen
        vertrag stornieren
        abo beenden
        abo abbestellen
        abonnement beenden
        abbestellen
        stornieren
        storniere
        stornierung
        widerruf*
        vom vertrag zurücktreten
        zurücktreten
        konto löschen
        account löschen
        konto schließen
        konto auflösen
        nicht verlängern
        keine verlängerung
        anbieter wechseln
        anbieterwechsel
        wechsle zu
        wechsel zur konkurrenz
        zur konkurrenz
        nie wieder bestellen
        nie wieder bei ihnen
    """),
    "fr": _list("""
        résili*
        resili*
        annuler mon abonnement
        annuler mon compte
        annuler mon contrat
        annuler ma commande
        annuler ma réservation
        je veux annuler
        je souhaite annuler
        je voudrais annuler
        annulation
        arrêter mon abonnement
        mettre fin à mon abonnement
        mettre fin à mon contrat
        me désabonner
        me desabonner
        désinscri*
        fermer mon compte
        clôturer mon compte
        cloturer mon compte
        supprimer mon compte
        ne pas renouveler
        ne souhaite pas renouveler
        droit de rétractation
        me rétracter
        changer d'opérateur
        changer de fournisseur
        aller voir ailleurs
        aller ailleurs
        chez un concurrent
        à la concurrence
    """),
    "es": _list("""
        darme de baja
        dar de baja
        darse de baja
        la baja
        me doy de baja
        cancelar mi cuenta
        cancelar mi suscripción
        cancelar mi suscripcion
        cancelar la suscripción
        cancelar la suscripcion
        cancelar mi contrato
        cancelar el contrato
        cancelar el servicio
        cancelar mi servicio
        cancelar mi plan
        cancelar mi pedido
        cancelar todo
        quiero cancelar
        quisiera cancelar
        deseo cancelar
        necesito cancelar
        cerrar mi cuenta
        eliminar mi cuenta
        borrar mi cuenta
        rescindir*
        no quiero renovar
        no renovar
        derecho de desistimiento
        cambiar de compañía
        cambiarme de compañía
        cambiar de operador
        cambiar de proveedor
        irme a otra compañía
        irme a la competencia
        a la competencia
        me voy a otra
        portabilidad
    """),
    "nl": _list("""
        opzeggen
        opzegging
        opgezegd
        zeg mijn abonnement op
        abonnement stoppen
        abonnement stopzetten
        abonnement beëindigen
        abonnement annuleren
        contract beëindigen
        contract ontbinden
        stopzetten
        annuleren
        annulering
        mijn account verwijderen
        account verwijderen
        account opheffen
        mijn rekening opheffen
        uitschrijven
        niet verlengen
        niet meer verlengen
        herroepingsrecht
        herroepen
        overstappen
        ik stap over
        naar een andere aanbieder
        andere aanbieder
        andere provider
        naar de concurrent
        de concurrent
        nooit meer bestellen
        nooit meer bij jullie
    """),
    "pt": _list("""
        cancelar minha conta
        cancelar a minha conta
        cancelar minha assinatura
        cancelar a assinatura
        cancelar a minha subscrição
        cancelar meu plano
        cancelar o plano
        cancelar meu contrato
        cancelar o contrato
        cancelar o serviço
        cancelar meu pedido
        cancelar tudo
        quero cancelar
        gostaria de cancelar
        preciso cancelar
        desejo cancelar
        como cancelo
        cancelamento
        encerrar minha conta
        encerrar a conta
        fechar minha conta
        excluir minha conta
        apagar a minha conta
        rescindir*
        rescisão
        não quero renovar
        nao quero renovar
        não renovar
        direito de arrependimento
        mudar de operadora
        trocar de operadora
        mudar de fornecedor
        portabilidade
        para a concorrência
        para a concorrencia
    """),
    "it": _list("""
        disdetta
        disdire
        disdico
        recesso
        recedere
        diritto di recesso
        annullare il mio abbonamento
        annullare l'abbonamento
        annullare il contratto
        annullare l'ordine
        annullare il mio ordine
        voglio annullare
        vorrei annullare
        vorrei cancellare
        voglio cancellare
        cancellare il mio account
        cancellare l'account
        cancellare l'abbonamento
        cancellare la mia iscrizione
        cancellarmi
        chiudere il mio account
        chiudere il conto
        chiudere l'account
        eliminare il mio account
        rescindere
        risoluzione del contratto
        interrompere l'abbonamento
        disattivare il servizio
        disattivare l'abbonamento
        non rinnovare
        non voglio rinnovare
        disattivare il rinnovo
        cambiare operatore
        cambio operatore
        cambiare gestore
        cambiare fornitore
        passare alla concorrenza
        alla concorrenza
        portabilità
    """),
}

DEFAULTS: dict[str, dict[str, Phrases]] = {"escalation": ESCALATION, "cancellation": CANCELLATION}


def word_lists(rows: Iterable[tuple[str, str, Sequence[str]]]) -> dict[str, dict[str, Phrases]]:
    """By kind and language: the workspace's own lists (kind, language, words), else the defaults."""
    found = {kind: dict(lists) for kind, lists in DEFAULTS.items()}
    for kind, language, words in rows:
        found[kind][language] = tuple(words)
    return found
