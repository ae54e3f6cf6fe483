"""With which words customers ask for somebody higher up, or threaten: the defaults."""

from __future__ import annotations

from conversations.searching import Phrases, phrases

ESCALATION: dict[str, Phrases] = {
    "en": phrases("""
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
    "de": phrases("""
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
    "fr": phrases("""
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
    "es": phrases("""
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
    "nl": phrases("""
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
    "pt": phrases("""
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
    "it": phrases("""
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
