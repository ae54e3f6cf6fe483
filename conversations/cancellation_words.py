"""With which words customers leave: the defaults."""

from __future__ import annotations

from conversations.searching import Phrases, phrases

CANCELLATION: dict[str, Phrases] = {
    "en": phrases("""
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
    "de": phrases("""
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
    "fr": phrases("""
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
    "es": phrases("""
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
    "nl": phrases("""
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
    "pt": phrases("""
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
    "it": phrases("""
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
